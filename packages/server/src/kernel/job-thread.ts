import type { Clock, Timer } from './clock.ts';

/** A thread as {@link JobThread} uses it; Node's Worker is one. */
export interface Thread {
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void;
  on(event: 'message', listener: (message: unknown) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'exit', listener: () => void): void;
  unref(): void;
  terminate(): Promise<unknown>;
}

export interface JobThreadOptions<Result> {
  /** Starts a thread that answers `{ id, job }` with `{ id, result }`, or `{ id, problem }` for a job that it refuses. */
  readonly start: () => Thread;
  readonly clock: Clock;
  /** A thread without jobs ends after this, and gives its memory back. */
  readonly idleMs: number;
  readonly resultOf: (result: unknown) => Result;
  /** What a refused job, or one whose thread ended before its answer, rejects with. */
  readonly problemOf: (problem: unknown) => Error;
  readonly ended: (cause: Error | null) => Error;
}

interface Waiting<Result> {
  readonly bytes: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

/** Jobs done one after the other on a thread that is there only while there are some. A thread that dies is replaced for the next job. */
export class JobThread<Job, Result> {
  readonly #options: JobThreadOptions<Result>;
  readonly #waiting = new Map<number, Waiting<Result>>();
  #thread: Thread | null = null;
  #idle: Timer | null = null;
  #lastId = 0;
  #bytes = 0;

  constructor(options: JobThreadOptions<Result>) {
    this.#options = options;
  }

  /** Bytes of the jobs that are not answered. */
  get bytes(): number {
    return this.#bytes;
  }

  get isRunning(): boolean {
    return this.#thread !== null;
  }

  /** Hands a job over; what is in `transfer` is the thread's from then on. */
  run(job: Job, bytes: number, transfer: readonly ArrayBuffer[]): Promise<Result> {
    this.#idle?.cancel();
    this.#idle = null;
    const thread = (this.#thread ??= this.#start());
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      thread.postMessage({ id, job }, transfer);
      this.#waiting.set(id, { bytes, resolve, reject });
      this.#bytes += bytes;
    });
  }

  /** Ends the thread; jobs under way are rejected. */
  async stop(): Promise<void> {
    this.#idle?.cancel();
    this.#idle = null;
    const thread = this.#thread;
    this.#gone(thread, null);
    await thread?.terminate();
  }

  #start(): Thread {
    const thread = this.#options.start();
    // A process that stops does not wait for it.
    thread.unref();
    thread.on('message', (message) => this.#answered(message));
    thread.on('error', (error) => this.#gone(thread, error));
    thread.on('exit', () => this.#gone(thread, null));
    return thread;
  }

  #answered(message: unknown): void {
    if (typeof message !== 'object' || message === null || !('id' in message)) return;
    const { resultOf, problemOf, clock, idleMs } = this.#options;
    const waiting = this.#waiting.get(Number(message.id));
    if (waiting === undefined) return;
    this.#waiting.delete(Number(message.id));
    this.#bytes -= waiting.bytes;
    if ('result' in message) waiting.resolve(resultOf(message.result));
    else waiting.reject(problemOf('problem' in message ? message.problem : undefined));
    if (this.#waiting.size === 0) this.#idle = clock.after(idleMs, () => void this.stop());
  }

  #gone(thread: Thread | null, cause: Error | null): void {
    if (thread === null || this.#thread !== thread) return;
    this.#thread = null;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#bytes = 0;
    for (const { reject } of waiting) reject(this.#options.ended(cause));
  }
}
