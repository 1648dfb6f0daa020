import type { Clock } from '../clock.ts';
import type { databaseMetrics } from '../metrics.ts';
import type { Observe } from './types.ts';

/** Counts and times every access; `before` is where a slow database is made. */
export function createObserve(
  clock: Pick<Clock, 'monotonic'>,
  metrics: ReturnType<typeof databaseMetrics>,
  before: () => Promise<void>,
): Observe {
  return async (collection, operation, run) => {
    const started = clock.monotonic();
    let result = 'failure';
    try {
      await before();
      const answer = run();
      result = 'success';
      return answer;
    } finally {
      metrics.operations.inc({ operation, collection, result });
      metrics.duration.observe({ operation, collection }, (clock.monotonic() - started) / 1000);
    }
  };
}
