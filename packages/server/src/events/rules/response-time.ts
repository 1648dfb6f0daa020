import type { Threshold } from './threshold.ts';

/** An operation that takes too long is worth another try. Milliseconds. */
export function responseTime(limit: number): Threshold {
  return {
    field: 'response_time',
    limit,
    unit: 'ms',
    decision: 'RETRY',
    suggestion:
      'Try the operation again, and look for what slows it down: its slowest traces, its database, its upstreams.',
  };
}
