import { type Clock, type Random, systemClock, systemRandom } from '../clock.ts';

export interface RetryOptions {
  /** Tries in all, the first one included. Default 3. */
  readonly attempts?: number | undefined;
  /** Upper bound of the wait before the second try, in milliseconds; doubles with each further one. Default 100. */
  readonly baseDelay?: number | undefined;
  /** Upper bound of any wait, in milliseconds. Default 5,000. */
  readonly maxDelay?: number | undefined;
  /** Whether an error is worth another try. Default: every one but an open breaker. */
  readonly retryable?: ((error: unknown) => boolean) | undefined;
  readonly onRetry?: ((error: unknown, attempt: number, delayMs: number) => void) | undefined;
  /** Ends the waiting and the trying. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
}

/**
 * Calls until it succeeds or the tries are used up, then rejects with the last error. The waits grow exponentially with full jitter:
 * uniform in [0, min(maxDelay, baseDelay · 2^n)) (Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
 */
export async function retry<T>(
  call: (attempt: number) => T | Promise<T>,
  options: RetryOptions = {},
): Promise<T> {
  const { attempts = 3, clock = systemClock, signal } = options;
  const retryable = options.retryable ?? notCircuitOpen;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await call(attempt);
    } catch (error) {
      if (attempt >= attempts || signal?.aborted === true || !retryable(error)) throw error;
      const delayMs = backoffDelay(attempt, options);
      options.onRetry?.(error, attempt, delayMs);
      await clock.sleep(delayMs, signal);
    }
  }
}

/** The wait after the given failed attempt (1, 2, …), in milliseconds. */
export function backoffDelay(
  attempt: number,
  options: Pick<RetryOptions, 'baseDelay' | 'maxDelay' | 'random'> = {},
): number {
  const { baseDelay = 100, maxDelay = 5_000, random = systemRandom } = options;
  const ceiling = Math.min(maxDelay, baseDelay * 2 ** Math.min(attempt - 1, 52));
  return random() * ceiling;
}

/** By its code, so that an error of another copy of this package is known too. */
function notCircuitOpen(error: unknown): boolean {
  return !(error instanceof Error && 'code' in error && error.code === 'PHAROS_CIRCUIT_OPEN');
}
