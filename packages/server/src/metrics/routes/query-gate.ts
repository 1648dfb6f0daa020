import { metricsErrors } from '../errors.ts';

interface Waiting {
  run(): void;
  cancel(reason: unknown): void;
}

/** Lets so many queries run, lets as many wait their turn, and refuses the rest. */
export class QueryGate {
  readonly #most: number;
  readonly #waiting: Waiting[] = [];
  #running = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Runs the work when there is room. Rejects with `busy`, or with the signal's reason when it aborts while waiting. */
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
    if (this.#waiting.length >= this.#most)
      throw metricsErrors.make('busy', `${this.#running} queries are running and ${this.#most} are waiting`, {
        retryAfterSeconds: 1,
      });
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
