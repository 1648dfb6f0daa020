/** One request waiting for the disk. */
export interface Waiting<T, R> {
  readonly item: T;
  readonly bytes: number;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects requests while the disk is busy and hands them over together (group commit): no timer, a request that
 * comes alone goes at once, and the wait is at most the batch under way plus its own.
 */
export class CommitQueue<T, R> {
  readonly #batchBytes: number;
  readonly #commit: (batch: readonly Waiting<T, R>[]) => Promise<void>;
  #waiting: Waiting<T, R>[] = [];
  #bytes = 0;
  #running: Promise<void> | null = null;

  /** `commit` settles every request of the batch; should it throw, those it left are rejected with the error. */
  constructor(batchBytes: number, commit: (batch: readonly Waiting<T, R>[]) => Promise<void>) {
    this.#batchBytes = batchBytes;
    this.#commit = commit;
  }

  /** Bytes of the requests that are not yet handed over. */
  get bytes(): number {
    return this.#bytes;
  }

  add(item: T, bytes: number): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, bytes, resolve, reject });
      this.#bytes += bytes;
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits and nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #run(): Promise<void> {
    // Lets requests of the same turn of the event loop come along.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      try {
        await this.#commit(batch);
      } catch (error) {
        for (const waiting of batch) waiting.reject(error);
      }
    }
    this.#running = null;
  }

  #take(): Waiting<T, R>[] {
    let bytes = 0;
    let count = 0;
    for (const waiting of this.#waiting) {
      if (count > 0 && bytes + waiting.bytes > this.#batchBytes) break;
      bytes += waiting.bytes;
      count++;
    }
    const batch = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    this.#bytes -= bytes;
    return batch;
  }
}
