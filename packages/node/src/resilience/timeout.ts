import { type Clock, systemClock } from '../clock.ts';

/** The call took longer than it was given. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
  readonly code = 'PHAROS_TIMEOUT';
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(`timed out after ${timeoutMs} ms`);
    this.timeoutMs = timeoutMs;
  }
}

export interface TimeoutOptions {
  /** The caller's own signal; its abort reaches the call and ends the wait with its reason. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Gives the call a signal and `timeoutMs` milliseconds. Rejects with `TimeoutError` when they are over, even if the call ignores its signal.
 */
export function withTimeout<T>(
  call: (signal: AbortSignal) => T | Promise<T>,
  timeoutMs: number,
  options: TimeoutOptions = {},
): Promise<T> {
  const { signal: outer, clock = systemClock } = options;
  return new Promise<T>((resolve, reject) => {
    if (outer?.aborted === true) {
      reject(reasonOf(outer));
      return;
    }
    const controller = new AbortController();
    const fail = (error: Error): void => {
      done();
      controller.abort(error);
      reject(error);
    };
    const onAbort = (): void => fail(reasonOf(outer));
    const timer = clock.after(timeoutMs, () => fail(new TimeoutError(timeoutMs)));
    const done = (): void => {
      timer.cancel();
      outer?.removeEventListener('abort', onAbort);
    };
    outer?.addEventListener('abort', onAbort, { once: true });
    void (async (): Promise<void> => {
      try {
        const value = await call(controller.signal);
        done();
        resolve(value);
      } catch (error) {
        done();
        // oxlint-disable-next-line promise/no-multiple-resolved -- only the first settlement counts, by design
        reject(error instanceof Error ? error : new Error(String(error), { cause: error }));
      }
    })();
  });
}

function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
