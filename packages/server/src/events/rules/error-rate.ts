import type { Threshold } from './threshold.ts';

/** Errors beyond the usual need people; when half of everything fails, going on does harm. Percent, 0 to 100. */
export function errorRate(limit: number): Threshold {
  return {
    field: 'error_rate',
    limit,
    unit: '%',
    decision: 'ESCALATE',
    haltAbove: 50,
    suggestion: 'Look at the newest errors and the last deployment; roll back when they began with it.',
  };
}
