import type { Threshold } from './threshold.ts';

/** A slow way between services: another try may take a faster one. Milliseconds. */
export function latency(limit: number): Threshold {
  return {
    field: 'latency',
    limit,
    unit: 'ms',
    decision: 'RETRY',
    suggestion:
      'Try the operation again; compare the latency of its upstreams and of the network between them.',
  };
}
