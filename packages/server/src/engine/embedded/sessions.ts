import { engineErrors } from '../errors.ts';
import type { DriverSession } from './driver.ts';

interface Waiter {
  readonly resolve: (session: DriverSession) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Sessions of one limit class. One statement per session at a time: a session runs its statements one after the other
 * anyway, and every one that waits inside it would hold a thread of the process.
 *
 * A session whose statement failed is never used again: what the statement wrote before it failed would stand at the
 * beginning of the next answer.
 */
export class SessionPool {
  readonly #open: () => DriverSession;
  readonly #size: number;
  readonly #maxWaiting: number;
  readonly #onDiscard: () => void;
  #idle: DriverSession[] = [];
  #busy = 0;
  #waiting: Waiter[] = [];
  #closed = false;

  constructor(open: () => DriverSession, size: number, maxWaiting: number, onDiscard: () => void) {
    this.#open = open;
    this.#size = size;
    this.#maxWaiting = maxWaiting;
    this.#onDiscard = onDiscard;
  }

  /** Runs the statement on a session of its own. `signal` ends the wait for one, not the statement. */
  async run(statement: string, signal: AbortSignal, started: () => void): Promise<Uint8Array> {
    const session = await this.#acquire(signal);
    let failed = true;
    try {
      started();
      const answer = await session.run(statement);
      failed = signal.aborted;
      return answer;
    } finally {
      this.#release(session, failed);
    }
  }

  async #acquire(signal: AbortSignal): Promise<DriverSession> {
    if (this.#closed) throw engineErrors.make('gone', 'the engine is stopping');
    if (signal.aborted) throw engineErrors.make('canceled', 'the statement was canceled');
    const idle = this.#idle.pop();
    if (idle !== undefined || this.#busy < this.#size) {
      const session = idle ?? this.#open();
      this.#busy++;
      return session;
    }
    if (this.#waiting.length >= this.#maxWaiting)
      throw engineErrors.make('resource', `${this.#waiting.length} statements wait for the engine already`, {
        retryAfterSeconds: 1,
        hint: 'The engine is busy; try again in a moment.',
      });
    return await this.#wait(signal);
  }

  #wait(signal: AbortSignal): Promise<DriverSession> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter);
        reject(engineErrors.make('canceled', 'the statement was canceled before it ran'));
      };
      const settle = (): void => signal.removeEventListener('abort', stop);
      const waiter: Waiter = {
        resolve: (session) => {
          settle();
          resolve(session);
        },
        reject: (reason) => {
          settle();
          reject(reason);
        },
      };
      signal.addEventListener('abort', stop, { once: true });
      this.#waiting.push(waiter);
    });
  }

  #release(session: DriverSession, failed: boolean): void {
    if (failed || this.#closed) {
      session.close();
      if (failed) this.#onDiscard();
    }
    this.#handOver(failed || this.#closed ? null : session);
  }

  /** To the next who waits, opening a session when this one is gone; else it rests. */
  #handOver(session: DriverSession | null): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      try {
        next.resolve(session ?? this.#open());
        return;
      } catch (error) {
        next.reject(error);
      }
    }
    this.#busy--;
    if (session !== null) this.#idle.push(session);
  }

  /** Closes idle sessions and refuses who waits; busy ones close when their statement ends. */
  close(): void {
    this.#closed = true;
    for (const waiter of this.#waiting) waiter.reject(engineErrors.make('gone', 'the engine is stopping'));
    this.#waiting = [];
    for (const session of this.#idle) session.close();
    this.#idle = [];
  }
}
