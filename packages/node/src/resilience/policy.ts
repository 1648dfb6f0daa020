import type { CircuitBreaker, Fallback } from '../breaker/breaker.ts';
import type { Clock, Random } from '../clock.ts';
import { type RetryOptions, retry } from './retry.ts';
import { withTimeout } from './timeout.ts';

export interface PolicyOptions {
  readonly breaker?: CircuitBreaker | undefined;
  /** Absent = one try. */
  readonly retry?: Omit<RetryOptions, 'signal' | 'clock' | 'random'> | undefined;
  /** Milliseconds per try; absent = no limit. */
  readonly timeout?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
}

export interface PolicyCallOptions<T> {
  readonly signal?: AbortSignal | undefined;
  /** Answers in place of a call that failed for good or was rejected. */
  readonly fallback?: Fallback<T> | undefined;
}

export interface Policy {
  /** Runs the call under the policy; `signal` ends when the try's time is over or the caller gives up. */
  execute<T>(call: (signal: AbortSignal) => T | Promise<T>, options?: PolicyCallOptions<T>): Promise<T>;
}

/**
 * `fallback(breaker(retry(timeout(call))))`: each try has its own time, the tries together are one call to the breaker,
 * so that retries neither trip it sooner nor hide a dead upstream from it.
 */
export function policy(options: PolicyOptions): Policy {
  const { breaker, timeout, clock, random } = options;
  return {
    async execute(call, { signal, fallback } = {}) {
      const once = (): ReturnType<typeof call> => {
        if (timeout !== undefined) return withTimeout(call, timeout, { signal, clock });
        return call(signal ?? new AbortController().signal);
      };
      const tried =
        options.retry === undefined ? once : () => retry(once, { ...options.retry, signal, clock, random });
      try {
        return breaker === undefined ? await tried() : await breaker.execute(tried, { signal });
      } catch (error) {
        if (fallback === undefined) throw error;
        return await fallback(error);
      }
    },
  };
}
