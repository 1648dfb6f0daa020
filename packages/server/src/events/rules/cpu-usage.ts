import type { Threshold } from './threshold.ts';

/** A processor near its end needs people: more instances, or less work. Percent, 0 to 100. */
export function cpuUsage(limit: number): Threshold {
  return {
    field: 'cpu_usage',
    limit,
    unit: '%',
    decision: 'ESCALATE',
    suggestion: 'Add instances or shed load, and profile what takes the processor.',
  };
}
