import type { Clock, Timer } from '../kernel/clock.ts';

/** One request waiting for the disk. */
export interface Waiting<T, R> {
  readonly item: T;
  readonly bytes: number;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

export interface CommitQueueOptions<T, R> {
  /** Requests are handed over together up to this size. */
  readonly batchBytes: number;
  readonly clock: Clock;
  /** Settles every request of the batch; should it throw, those it left are rejected with the error. */
  readonly commit: (batch: readonly Waiting<T, R>[]) => Promise<void>;
}

/** Patient requests wait no longer once so many bytes are together. */
const EAGER_BYTES = 1024 * 1024;

/**
 * Collects requests while the disk is busy and hands them over together (group commit). A request goes at once, and waits
 * at most for the batch under way and its own. One that says it has patience waits that long for others, unless an impatient
 * one comes and takes it along.
 */
export class CommitQueue<T, R> {
  readonly #options: CommitQueueOptions<T, R>;
  #waiting: Waiting<T, R>[] = [];
  #bytes = 0;
  #running: Promise<void> | null = null;
  /** When the waiting requests must go, on the monotonic clock. */
  #due = Number.POSITIVE_INFINITY;
  #timer: Timer | null = null;

  constructor(options: CommitQueueOptions<T, R>) {
    this.#options = options;
  }

  /** Bytes of the requests that are not yet handed over. */
  get bytes(): number {
    return this.#bytes;
  }

  add(item: T, bytes: number, patienceMs = 0): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, bytes, resolve, reject });
      this.#bytes += bytes;
      const due = this.#bytes >= EAGER_BYTES ? 0 : this.#options.clock.monotonic() + patienceMs;
      if (due < this.#due) {
        this.#due = due;
        this.#timer?.cancel();
        this.#timer = null;
      }
      this.#next();
    });
  }

  /** Hands over what waits. Resolves when nothing waits and nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running !== null || this.#waiting.length > 0) {
      this.#due = Number.NEGATIVE_INFINITY;
      this.#next();
      await this.#running;
    }
  }

  #next(): void {
    if (this.#running !== null || this.#waiting.length === 0) return;
    const { clock } = this.#options;
    const left = this.#due - clock.monotonic();
    if (left <= 0) {
      this.#timer?.cancel();
      this.#timer = null;
      this.#running = this.#run();
    } else {
      this.#timer ??= clock.after(left, () => {
        this.#timer = null;
        // A timer may fire a hair early.
        this.#due = Number.NEGATIVE_INFINITY;
        this.#next();
      });
    }
  }

  async #run(): Promise<void> {
    // Lets requests of the same turn of the event loop come along.
    await Promise.resolve();
    while (this.#waiting.length > 0 && this.#due <= this.#options.clock.monotonic()) {
      const batch = this.#take();
      try {
        await this.#options.commit(batch);
      } catch (error) {
        for (const waiting of batch) waiting.reject(error);
      }
    }
    this.#running = null;
    this.#next();
  }

  #take(): Waiting<T, R>[] {
    let bytes = 0;
    let count = 0;
    for (const waiting of this.#waiting) {
      if (count > 0 && bytes + waiting.bytes > this.#options.batchBytes) break;
      bytes += waiting.bytes;
      count++;
    }
    const batch = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    this.#bytes -= bytes;
    if (this.#waiting.length === 0) this.#due = Number.POSITIVE_INFINITY;
    return batch;
  }
}
