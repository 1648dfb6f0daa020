import { egressErrors } from './errors.ts';

/** Places of one purpose: so many connections are under way at once, the others wait in order. */
export class Places {
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  constructor(most: number, mostWaiting: number) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Resolves with what gives the place back. Rejects with `busy`, or with the signal's reason when it aborts first. */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#taken >= this.#most) {
      if (this.#waiting.size >= this.#mostWaiting)
        throw egressErrors.make(
          'busy',
          `${this.#taken} connections are under way, ${this.#waiting.size} wait`,
        );
      await this.#wait(signal);
    } else this.#taken++;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#give();
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.delete(next);
        reject(signal.reason);
      };
      const next = (): void => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.add(next);
    });
  }

  /** A place given back goes to who waited longest. */
  #give(): void {
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      next();
      return;
    }
    this.#taken--;
  }
}
