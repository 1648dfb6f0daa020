import type { PharosError } from './errors.ts';

interface Waiting {
  run(): void;
  cancel(reason: unknown): void;
}

/** Lets so many queries run, lets as many wait their turn, or another number of them, and refuses the rest. */
export class QueryGate {
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #refusal: (message: string) => PharosError;
  readonly #waiting: Waiting[] = [];
  #running = 0;

  /** `refusal` words what those are told that neither run nor wait. */
  constructor(most: number, refusal: (message: string) => PharosError, mostWaiting = most) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
    this.#refusal = refusal;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Runs the work when there is room. Rejects with the refusal, or with the signal's reason when it aborts while waiting. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#running >= this.#most) await this.#turn(signal);
    else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next.run();
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    if (this.#waiting.length >= this.#mostWaiting)
      throw this.#refusal(`${this.#running} queries are running and ${this.#mostWaiting} are waiting`);
    return new Promise((resolve, reject) => {
      const entry: Waiting = {
        run: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
        cancel: reject,
      };
      const onAbort = (): void => {
        const at = this.#waiting.indexOf(entry);
        if (at >= 0) this.#waiting.splice(at, 1);
        entry.cancel(signal.reason);
      };
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(entry);
    });
  }
}
