import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Clock, Random, Timer } from '../clock.ts';
import type { ContextStore } from '../context/context.ts';
import type { Logger } from '../logs/logger.ts';
import type { PushSettings } from '../options.ts';
import { DeliveryQueue } from '../push/queue.ts';
import type { CapturedError, ErrorSink } from './capture.ts';

const compress = promisify(gzip);

/** Errors wait for others this long: a storm of them goes together. */
const INTERVAL_MS = 1_000;
/** What waits between two deliveries; a storm beyond it says nothing more, and is counted. */
const MOST_WAITING = 500;

export interface ErrorShipperDeps {
  readonly push: PushSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly contexts: ContextStore;
  /** What is the same of all errors of this process. */
  readonly about: Readonly<Record<string, string>>;
}

/** Sends captured errors to Pharos; what does not fit while Pharos is away is dropped, the oldest first. */
export class ErrorShipper implements ErrorSink {
  readonly #deps: ErrorShipperDeps;
  readonly #timer: Timer;
  readonly #packing = new Set<Promise<void>>();
  #queue: DeliveryQueue | null = null;
  #waiting: CapturedError[] = [];
  #dropped = 0;

  constructor(deps: ErrorShipperDeps) {
    this.#deps = deps;
    this.#timer = deps.clock.every(INTERVAL_MS, () => this.#flush());
  }

  /** Errors given up before they were sent. */
  get dropped(): number {
    return this.#dropped + (this.#queue?.dropped ?? 0);
  }

  /** The queue says in the log what goes wrong, so it comes after the logger. */
  open(logger: Logger): void {
    const { push, clock, random, contexts } = this.#deps;
    const maxBytes = push.maxBufferBytes;
    this.#queue = new DeliveryQueue({ purpose: 'errors', maxBytes, push, clock, random, logger, contexts });
  }

  send(error: CapturedError): void {
    if (this.#waiting.length >= MOST_WAITING) this.#dropped++;
    else this.#waiting.push(error);
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#timer.cancel();
    this.#flush();
    await Promise.all(this.#packing);
    await this.#queue?.stop(deadlineMs);
  }

  #flush(): void {
    const queue = this.#queue;
    if (this.#waiting.length === 0 || queue === null) return;
    const errors = this.#waiting.map((error) => ({ ...this.#deps.about, ...error }));
    this.#waiting = [];
    const packed = this.#pack(queue, errors).finally(() => this.#packing.delete(packed));
    this.#packing.add(packed);
  }

  async #pack(queue: DeliveryQueue, errors: readonly object[]): Promise<void> {
    const body = await compress(JSON.stringify({ errors }));
    queue.add({
      url: `${this.#deps.push.url}/api/errors`,
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body,
    });
  }
}
