import { type Decision, fieldOf, numberOf } from '../event.ts';
import type { Rule } from './types.ts';

/** A number in `data` that must not be above its limit. */
export interface Threshold {
  readonly field: string;
  readonly limit: number;
  /** How the figure reads: `ms` or `%`. */
  readonly unit: string;
  readonly decision: Decision;
  /** Above this the decision is HALT. */
  readonly haltAbove?: number;
  readonly suggestion: string;
}

/** The rule of a threshold, named like its field: at the limit all is well, above it the rule is violated. */
export function thresholdRule(threshold: Threshold): Rule {
  const { field, limit, unit, decision, haltAbove, suggestion } = threshold;
  return {
    name: field,
    about: `${field} is above ${limit} ${unit}.`,
    check({ data }, _baseline, findings) {
      const value = numberOf(fieldOf(data, field));
      if (value === undefined || value <= limit) return;
      findings.push({
        rule: field,
        weight: 'violation',
        decision: haltAbove !== undefined && value > haltAbove ? 'HALT' : decision,
        field,
        value,
        limit,
        message: `${field} is ${value} ${unit}, above the limit of ${limit} ${unit}`,
        suggestion,
      });
    },
  };
}
