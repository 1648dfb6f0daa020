import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Clock, Random, Timer } from '../clock.ts';
import type { ContextStore } from '../context/context.ts';
import type { PushSettings } from '../options.ts';
import { DeliveryQueue } from '../push/queue.ts';
import type { Logger } from './logger.ts';

const compress = promisify(gzip);

/** Lines wait for others this long, so that a quiet service's logs are seen at once and a busy one's go together. */
const INTERVAL_MS = 1_000;
const BATCH_BYTES = 256 * 1024;

export interface ShipperDeps {
  readonly push: PushSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly contexts: ContextStore;
}

/** Sends log lines to Pharos in batches of JSON lines; what does not fit while Pharos is away is dropped, the oldest first. */
export class LogShipper {
  readonly #deps: ShipperDeps;
  readonly #timer: Timer;
  readonly #packing = new Set<Promise<void>>();
  #queue: DeliveryQueue | null = null;
  #lines: string[] = [];
  #bytes = 0;

  constructor(deps: ShipperDeps) {
    this.#deps = deps;
    this.#timer = deps.clock.every(INTERVAL_MS, () => this.#flush());
  }

  /** The queue says in the log what goes wrong, so it comes after the logger. */
  open(logger: Logger): void {
    const { push, clock, random, contexts } = this.#deps;
    const maxBytes = push.maxBufferBytes;
    this.#queue = new DeliveryQueue({ purpose: 'logs', maxBytes, push, clock, random, logger, contexts });
    this.#flush();
  }

  write(line: string): void {
    this.#lines.push(line);
    this.#bytes += line.length;
    if (this.#bytes >= BATCH_BYTES) this.#flush();
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#timer.cancel();
    this.#flush();
    await Promise.all(this.#packing);
    await this.#queue?.stop(deadlineMs);
  }

  #flush(): void {
    const queue = this.#queue;
    if (this.#lines.length === 0 || queue === null) return;
    const text = this.#lines.join('');
    this.#lines = [];
    this.#bytes = 0;
    const packed = this.#pack(queue, text).finally(() => this.#packing.delete(packed));
    this.#packing.add(packed);
  }

  async #pack(queue: DeliveryQueue, text: string): Promise<void> {
    const body = await compress(text);
    queue.add({
      url: `${this.#deps.push.url}/api/logs`,
      headers: { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' },
      body,
    });
  }
}
