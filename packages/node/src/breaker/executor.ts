import type { Logger } from '../logs/logger.ts';
import type { Command, CommandAck, Outcome } from './commands.ts';
import type { BreakerRegistry } from './registry.ts';

/** Commands whose outcomes are known, and outcomes that wait to be told. */
const MAX_REMEMBERED = 500;

/** Carries out what Pharos asks, once on each breaker, and keeps what became of it until Pharos knows. */
export class CommandExecutor {
  readonly #breakers: BreakerRegistry;
  readonly #logger: Logger;
  /** By command, then by breaker: a command is given again for breakers that were made after it. */
  readonly #outcomes = new Map<string, Map<string, CommandAck>>();
  #untold: CommandAck[] = [];

  constructor(breakers: BreakerRegistry, logger: Logger) {
    this.#breakers = breakers;
    this.#logger = logger;
  }

  /** What Pharos is to be told. */
  get untold(): readonly CommandAck[] {
    return this.#untold;
  }

  told(acks: readonly CommandAck[]): void {
    const known = new Set(acks);
    this.#untold = this.#untold.filter((ack) => !known.has(ack));
  }

  /** Says how many commands had something to do. */
  execute(commands: readonly Command[]): number {
    let fresh = 0;
    for (const command of commands) {
      const outcomes = this.#outcomesOf(command.id);
      const before = outcomes.size;
      const acks = command.breakers.map((name) => {
        const known = outcomes.get(name);
        if (known !== undefined) return known;
        const ack = { id: command.id, breaker: name, outcome: this.#carryOut(command, name) };
        // One that is not there may still be made.
        if (ack.outcome !== 'unknown') outcomes.set(name, ack);
        return ack;
      });
      if (outcomes.size > before) fresh++;
      this.#untold = [...this.#untold, ...acks].slice(-MAX_REMEMBERED);
    }
    return fresh;
  }

  #outcomesOf(id: string): Map<string, CommandAck> {
    const known = this.#outcomes.get(id);
    if (known !== undefined) return known;
    const outcomes = new Map<string, CommandAck>();
    this.#outcomes.set(id, outcomes);
    const [oldest] = this.#outcomes.keys();
    if (this.#outcomes.size > MAX_REMEMBERED && oldest !== undefined) this.#outcomes.delete(oldest);
    return outcomes;
  }

  #carryOut({ id, action, forMs, by, reason }: Command, name: string): Outcome {
    const breaker = this.#breakers.views().find((one) => one.name === name);
    if (breaker === undefined) return 'unknown';
    if (!breaker.actions.includes(action)) return 'unsupported';
    try {
      breaker.act(action, forMs);
    } catch (error) {
      this.#logger.error('a command of Pharos failed', { breaker: name, action, error });
      return 'failed';
    }
    const context = { breaker: name, action, for_ms: forMs, command: id, by, reason };
    this.#logger.warn('circuit breaker commanded by Pharos', context);
    return 'applied';
  }
}
