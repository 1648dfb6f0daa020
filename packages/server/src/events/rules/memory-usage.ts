import type { Threshold } from './threshold.ts';

/** Memory that runs out ends in a kill: people must look before. Percent, 0 to 100. */
export function memoryUsage(limit: number): Threshold {
  return {
    field: 'memory_usage',
    limit,
    unit: '%',
    decision: 'ESCALATE',
    suggestion: 'Look for a leak, restart what grows, or give it more memory.',
  };
}
