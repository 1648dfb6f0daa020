import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { NumberedDecision } from './rows.ts';

export interface OwedDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Resolves when they are durable. */
  append(decisions: readonly NumberedDecision[]): Promise<void>;
  /** So many will never be written. */
  lose(count: number): void;
}

/** Some 50 MB. */
const MOST_OWED = 100_000;
/** Well within what the journal takes in one request. */
export const DECISIONS_AT_ONCE = 5000;
const PAUSE_MS = 1000;

/**
 * Decisions that the journal did not take: a full disk, or an engine that is away for long, must keep nobody from being told. They are
 * written as soon as the journal takes them again; a kill before that loses this part of the history, and nothing else.
 */
export class OwedDecisions {
  readonly #deps: OwedDeps;
  #owed: NumberedDecision[] = [];
  #timer: Timer | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: OwedDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#owed.length;
  }

  add(decisions: readonly NumberedDecision[], reason: unknown): void {
    const { log, lose } = this.#deps;
    if (this.#owed.length === 0)
      log.error(
        { err: reason },
        'decisions about alerts cannot be written now; people are told all the same',
      );
    const room = MOST_OWED - this.#owed.length;
    for (const decision of decisions.slice(0, room)) this.#owed.push(decision);
    if (decisions.length > room) lose(decisions.length - room);
    this.#arm();
  }

  /** Tries for the last time. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#writing;
    await this.#write();
    if (this.#owed.length > 0) this.#deps.lose(this.#owed.length);
  }

  #arm(): void {
    this.#timer ??= this.#deps.clock.after(PAUSE_MS, () => {
      this.#writing = this.#write().then(() => {
        this.#timer = null;
        if (this.#owed.length > 0) this.#arm();
      });
    });
  }

  /** One at a time. */
  async #write(): Promise<void> {
    const { append, log } = this.#deps;
    const count = this.#owed.length;
    if (count === 0) return;
    try {
      while (this.#owed.length > 0) {
        const some = this.#owed.slice(0, DECISIONS_AT_ONCE);
        await append(some);
        this.#owed = this.#owed.slice(some.length);
      }
      log.info({ count }, 'decisions about alerts that could not be written are written');
    } catch (error) {
      log.debug({ err: error, waiting: this.#owed.length }, 'decisions about alerts still cannot be written');
    }
  }
}
