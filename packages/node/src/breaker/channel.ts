import type { Timer } from '../clock.ts';
import type { ContextStore } from '../context/context.ts';
import type { Logger } from '../logs/logger.ts';
import type { PushSettings, Settings } from '../options.ts';
import type { DeliveryAnswer } from '../push/transport.ts';
import { backoffDelay } from '../resilience/retry.ts';
import { withTimeout } from '../resilience/timeout.ts';
import { readCommands } from './commands.ts';
import { CommandExecutor } from './executor.ts';
import type { BreakerRegistry } from './registry.ts';
import { type BreakerView, type StateChange, snapshotCounts } from './view.ts';

export interface BreakerChannelDeps {
  readonly settings: Settings;
  readonly push: PushSettings;
  readonly breakers: BreakerRegistry;
  readonly logger: Logger;
  readonly contexts: ContextStore;
}

/** How often counts are told that changed while no state did. */
const BEAT_MS = 15_000;
/** Between two reports at least, so that a breaker that flaps sends several changes at once. */
const REPORT_GAP_MS = 250;
/** Pharos holds a question for commands up to 25 s; this much longer is a lost connection. */
const POLL_TIMEOUT_MS = 40_000;
const BASE_DELAY_MS = 500;
const MAX_DELAY_MS = 15_000;
/** Between questions that were answered with nothing at once: whoever answers so is no Pharos that holds them. */
const QUESTION_GAP_MS = 1_000;
const MAX_ANSWER_BYTES = 256 * 1024;
/** Further ones are not told of; a service with so many names breakers by something unbounded. */
const MAX_BREAKERS = 200;
const MAX_TRANSITIONS = 500;
/** Of a name that Pharos takes. */
const MAX_NAME = 200;

interface Transition {
  readonly seq: number;
  readonly name: string;
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly counts: ReturnType<typeof snapshotCounts>;
}

/**
 * Tells Pharos of this process's breakers and takes its commands, over requests that this process sends itself:
 * a report when something changed, and a question for commands that Pharos answers when there is one. It is started by the first
 * breaker. Whatever Pharos does or is, nothing comes back into the host but commands, and these only from the configured address.
 */
export class BreakerChannel {
  readonly #deps: BreakerChannelDeps;
  readonly #session: string;
  readonly #abort = new AbortController();
  #transitions: Transition[] = [];
  readonly #executor: CommandExecutor;
  #seq = 0;
  #told = '';
  #due = false;
  #reporting = false;
  #asking = false;
  #failures = 0;
  #askFailures = 0;
  #next: Timer | null = null;
  #askAgain: Timer | null = null;
  #beat: Timer | null = null;
  #aging: Timer | null = null;
  #stopped = false;

  constructor(deps: BreakerChannelDeps) {
    this.#deps = deps;
    this.#executor = new CommandExecutor(deps.breakers, deps.logger);
    const { random } = deps.settings;
    this.#session = Array.from({ length: 4 }, () => Math.floor(random() * 2 ** 32).toString(36)).join('-');
    deps.breakers.listen({
      changed: (breaker, change) => this.#changed(breaker, change),
      touched: () => this.#wake(),
    });
  }

  /** Says goodbye within the deadline, then ends. */
  async stop(deadlineMs: number): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#deps.breakers.listen(null);
    for (const timer of [this.#next, this.#askAgain, this.#beat, this.#aging]) timer?.cancel();
    const begun = this.#beat !== null;
    if (begun) {
      const { clock } = this.#deps.settings;
      const farewell = withTimeout((signal) => this.#send('report', this.#report(true), signal), deadlineMs, {
        clock,
      });
      await farewell.catch(() => undefined);
    }
    this.#abort.abort(new Error('stopped'));
  }

  #changed(breaker: BreakerView, { from, to, reason, counts }: StateChange): void {
    if (!isTold(breaker)) return;
    const at = this.#deps.settings.clock.now();
    this.#seq++;
    this.#transitions.push({
      seq: this.#seq,
      name: breaker.name,
      at,
      from,
      to,
      reason,
      counts: snapshotCounts(counts),
    });
    if (this.#transitions.length > MAX_TRANSITIONS) this.#transitions.shift();
    this.#wake();
  }

  /** Something is worth a report: in this turn's end, or when the last one is over. */
  #wake(): void {
    if (this.#stopped) return;
    this.#due = true;
    const { clock } = this.#deps.settings;
    this.#beat ??= clock.every(BEAT_MS, () => this.#tick());
    if (!this.#reporting) this.#next ??= clock.after(0, () => this.#begin());
  }

  #tick(): void {
    const silent = !this.#deps.settings.breakers.commands;
    if (silent || this.#fingerprint() !== this.#told) this.#wake();
  }

  #begin(): void {
    this.#next = null;
    if (this.#stopped || this.#reporting) return;
    // Before anything is looked at: looking moves breakers whose time is over, and they wake this up.
    this.#reporting = true;
    void this.#deliver().finally(() => {
      this.#reporting = false;
    });
  }

  async #deliver(): Promise<void> {
    const { settings, push } = this.#deps;
    const { clock } = settings;
    const fingerprint = this.#fingerprint();
    const [last, acks] = [this.#seq, this.#executor.untold];
    this.#due = false;
    const answer = await this.#exchange('report', this.#report(false), push.timeoutMs);
    if (this.#stopped) return;
    if (answer === null || !taken(answer)) {
      const refused = answer !== null && isRefusal(answer.status);
      this.#failures++;
      if (this.#failures === 1) this.#say(answer, refused);
      const delay = refused ? MAX_DELAY_MS * (1 + settings.random()) : this.#delay(this.#failures, answer);
      this.#next = clock.after(delay, () => this.#begin());
      return;
    }
    if (this.#failures > 0) this.#deps.logger.info('Pharos is told of circuit breakers again');
    this.#failures = 0;
    this.#told = fingerprint;
    this.#transitions = this.#transitions.filter(({ seq }) => seq > last);
    this.#executor.told(acks);
    this.#obey(answer);
    this.#next = this.#due ? clock.after(REPORT_GAP_MS, () => this.#begin()) : null;
    this.#expectChange();
    this.#ask();
  }

  /** Time alone moves breakers too, and nobody else looks while there are no calls. */
  #expectChange(): void {
    const waits = this.#deps.breakers
      .views()
      .map((breaker) => breaker.changesInMs() ?? Number.POSITIVE_INFINITY);
    const wait = Math.min(...waits, Number.POSITIVE_INFINITY);
    this.#aging?.cancel();
    this.#aging = null;
    if (!Number.isFinite(wait)) return;
    // Timers of Node.js end at 2^31 ms; a later change is found by one of the reports before it.
    this.#aging = this.#deps.settings.clock.after(Math.min(wait + 1, 2 ** 31 - 1), () => {
      this.#aging = null;
      for (const breaker of this.#deps.breakers.views()) void breaker.state;
      this.#wake();
    });
  }

  /** Keeps one question for commands with Pharos. */
  #ask(): void {
    if (this.#asking || this.#askAgain !== null || this.#stopped || !this.#deps.settings.breakers.commands)
      return;
    this.#asking = true;
    void this.#question().finally(() => {
      this.#asking = false;
      if (this.#askAgain === null && !this.#stopped) this.#ask();
    });
  }

  async #question(): Promise<void> {
    const { service, instance, clock } = this.#deps.settings;
    const began = clock.monotonic();
    const question = { service, instance, session: this.#session };
    const answer = await this.#exchange('poll', question, POLL_TIMEOUT_MS);
    if (this.#stopped) return;
    if (answer !== null && taken(answer) && answer.body !== undefined) {
      this.#askFailures = 0;
      const soon = clock.monotonic() - began < QUESTION_GAP_MS;
      if (this.#obey(answer) > 0 || !soon) return;
      this.#askAgain = clock.after(QUESTION_GAP_MS, () => {
        this.#askAgain = null;
        this.#ask();
      });
      return;
    }
    this.#askFailures++;
    this.#askAgain = clock.after(this.#delay(this.#askFailures, answer), () => {
      this.#askAgain = null;
      // Whoever lost Pharos, or was forgotten by it, introduces itself again; that report asks again.
      this.#wake();
    });
  }

  /** Carries out what was not carried out before; says how many commands were new. */
  #obey(answer: DeliveryAnswer): number {
    if (!this.#deps.settings.breakers.commands || answer.body === undefined) return 0;
    const commands = readCommands(answer.body);
    if (commands.length > 0) this.#wake();
    return this.#executor.execute(commands);
  }

  #report(leaving: boolean): object {
    const { service, instance, version, breakers, clock } = this.#deps.settings;
    return {
      service,
      instance,
      session: this.#session,
      version,
      commands: breakers.commands,
      leaving,
      sent_at: clock.now(),
      breakers: this.#states(),
      transitions: this.#transitions,
      acks: this.#executor.untold,
    };
  }

  /** Pharos refuses a report as a whole: what it would refuse of one breaker is left out, for the others' sake. */
  #states(): object[] {
    return this.#deps.breakers
      .views()
      .filter(isTold)
      .slice(0, MAX_BREAKERS)
      .map((breaker) => ({
        ...breaker.snapshot(),
        service: breaker.service.slice(0, MAX_NAME) || breaker.name,
        kind: breaker.kind,
        actions: breaker.actions,
        settings: Object.fromEntries(
          Object.entries(breaker.settings).filter(([, setting]) => Number.isFinite(setting)),
        ),
      }));
  }

  #fingerprint(): string {
    return JSON.stringify(this.#states());
  }

  #delay(failures: number, answer: DeliveryAnswer | null): number {
    const { random } = this.#deps.settings;
    const asked = (answer?.retryAfterSeconds ?? 0) * 1_000;
    const backoff = backoffDelay(failures, { baseDelay: BASE_DELAY_MS, maxDelay: MAX_DELAY_MS, random });
    return asked + backoff;
  }

  #say(answer: DeliveryAnswer | null, refused: boolean): void {
    this.#deps.logger.warn('Pharos could not be told of circuit breakers', {
      status: answer?.status,
      next: refused ? 'tried again, seldom' : 'tried again',
    });
  }

  /** Null when nothing answered in time. */
  async #exchange(what: 'report' | 'poll', body: object, timeoutMs: number): Promise<DeliveryAnswer | null> {
    const { clock } = this.#deps.settings;
    try {
      return await withTimeout((signal) => this.#send(what, body, signal), timeoutMs, {
        clock,
        signal: this.#abort.signal,
      });
    } catch {
      return null;
    }
  }

  #send(what: 'report' | 'poll', body: object, signal: AbortSignal): Promise<DeliveryAnswer> {
    const { push, contexts } = this.#deps;
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (push.token !== undefined) headers['authorization'] = `Bearer ${push.token}`;
    return contexts.exit(() =>
      push.transport({
        url: `${push.url}/api/v1/breakers/${what}`,
        headers,
        body: Buffer.from(JSON.stringify(body)),
        answerBytes: MAX_ANSWER_BYTES,
        signal,
      }),
    );
  }
}

function isTold({ name }: BreakerView): boolean {
  return name !== '' && name.length <= MAX_NAME;
}

function taken({ status }: DeliveryAnswer): boolean {
  return status >= 200 && status < 300;
}

/** A Pharos that does not know the call, or finds fault with it: asking soon again would change nothing. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
