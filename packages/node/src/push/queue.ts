import type { Clock, Random, Timer } from '../clock.ts';
import type { ContextStore } from '../context/context.ts';
import type { Logger } from '../logs/logger.ts';
import type { PushSettings } from '../options.ts';
import { backoffDelay } from '../resilience/retry.ts';
import { withTimeout } from '../resilience/timeout.ts';
import type { DeliveryAnswer } from './transport.ts';

export interface Parcel {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface QueueDeps {
  readonly purpose: string;
  /** Bytes that may wait; the oldest parcels give way. */
  readonly maxBytes: number;
  readonly push: Pick<PushSettings, 'token' | 'timeoutMs' | 'transport'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly contexts: ContextStore;
}

const BASE_DELAY_MS = 1_000;
const MAX_DELAY_MS = 60_000;

/** Delivers parcels one after another, the oldest first; backs off with jitter while Pharos does not take them. */
export class DeliveryQueue {
  readonly #deps: QueueDeps;
  #parcels: Parcel[] = [];
  #bytes = 0;
  #failures = 0;
  #dropped = 0;
  #sending: Promise<void> | null = null;
  #retry: Timer | null = null;
  #closing = false;
  #stopped = false;
  readonly #abort = new AbortController();

  constructor(deps: QueueDeps) {
    this.#deps = deps;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Parcels given up for room or because Pharos refused them. */
  get dropped(): number {
    return this.#dropped;
  }

  add(parcel: Parcel): void {
    if (this.#closing) return;
    this.#parcels.push(parcel);
    this.#bytes += parcel.body.byteLength;
    while (this.#bytes > this.#deps.maxBytes) this.#dropOldest();
    this.#wake();
  }

  /** Adds a parcel in place of one that waits for the same address: only the newest state matters. */
  replace(parcel: Parcel): void {
    const waiting = this.#parcels.findIndex(
      ({ url }, index) => url === parcel.url && !(index === 0 && this.#sending !== null),
    );
    if (waiting >= 0) {
      const [old] = this.#parcels.splice(waiting, 1);
      this.#bytes -= old?.body.byteLength ?? 0;
    }
    this.add(parcel);
  }

  /** Tries what waits once more, within the deadline; then gives up what is left. The wait keeps the process alive, because the sockets do not. */
  async stop(deadlineMs: number): Promise<void> {
    this.#retry?.cancel();
    this.#retry = null;
    this.#closing = true;
    this.#wake();
    const waited = new AbortController();
    const sending = (this.#sending ?? Promise.resolve()).finally(() => waited.abort());
    const deadline = this.#deps.clock.sleep(deadlineMs, waited.signal).catch(() => undefined);
    await Promise.race([sending, deadline]);
    this.#stopped = true;
    this.#abort.abort(new Error('stopped'));
    this.#parcels = [];
    this.#bytes = 0;
  }

  #wake(): void {
    if (this.#sending !== null || this.#retry !== null || this.#stopped || this.#parcels.length === 0) return;
    this.#sending = this.#drain();
  }

  /** Ends in the same turn in which it finds nothing more to do, so that a parcel added after that starts a new one. */
  async #drain(): Promise<void> {
    try {
      for (let parcel = this.#parcels[0]; parcel !== undefined && !this.#stopped; parcel = this.#parcels[0]) {
        const outcome = await this.#send(parcel);
        if (outcome === 'retry') return;
        if (this.#parcels[0] !== parcel) continue;
        this.#parcels.shift();
        this.#bytes -= parcel.body.byteLength;
      }
    } finally {
      this.#sending = null;
    }
  }

  async #send(parcel: Parcel): Promise<'done' | 'retry'> {
    const { push, clock, contexts } = this.#deps;
    const headers =
      push.token === undefined
        ? parcel.headers
        : { ...parcel.headers, authorization: `Bearer ${push.token}` };
    let answer: DeliveryAnswer | null = null;
    let problem: unknown = null;
    try {
      answer = await contexts.exit(() =>
        withTimeout((signal) => push.transport({ ...parcel, headers, signal }), push.timeoutMs, {
          clock,
          signal: this.#abort.signal,
        }),
      );
    } catch (error) {
      problem = error;
    }
    if (answer !== null && answer.status >= 200 && answer.status < 300) {
      if (this.#failures > 0) this.#deps.logger.info(`pushing ${this.#deps.purpose} to Pharos works again`);
      this.#failures = 0;
      return 'done';
    }
    return this.#failed(answer, problem);
  }

  /** Refused for good is dropped; anything else is tried again later. One line per outage, not per try. */
  #failed(answer: DeliveryAnswer | null, problem: unknown): 'done' | 'retry' {
    const { purpose, logger, clock, random } = this.#deps;
    this.#failures++;
    const refused = answer !== null && !isTransient(answer.status);
    if (this.#failures === 1 && !this.#stopped)
      logger.warn(`pushing ${purpose} to Pharos failed`, {
        status: answer?.status,
        error: problem,
        next: refused ? 'dropped' : 'tried again',
      });
    if (refused) {
      this.#dropped++;
      return 'done';
    }
    if (this.#closing) return 'retry';
    const backoff = backoffDelay(this.#failures, {
      baseDelay: BASE_DELAY_MS,
      maxDelay: MAX_DELAY_MS,
      random,
    });
    const asked = (answer?.retryAfterSeconds ?? 0) * 1_000;
    this.#retry = clock.after(Math.max(backoff, asked), () => {
      this.#retry = null;
      this.#wake();
    });
    return 'retry';
  }

  #dropOldest(): void {
    const index = this.#sending !== null && this.#parcels.length > 1 ? 1 : 0;
    const [old] = this.#parcels.splice(index, 1);
    this.#bytes -= old?.body.byteLength ?? 0;
    this.#dropped++;
  }
}

/** Worth another try: overload, timeouts, server faults and redirects (a proxy in the way); not what the request itself got wrong. */
function isTransient(status: number): boolean {
  return (
    status < 400 ||
    status === 401 ||
    status === 403 ||
    status === 404 ||
    status === 408 ||
    status === 429 ||
    status >= 500
  );
}
