import { fieldOf, numberOf } from '../event.ts';
import type { Threshold } from './threshold.ts';
import type { Rule } from './types.ts';

/** Warns of figures that are close to a limit and not above it. `share` of the limit is where it begins, 0.9 for nine tenths. */
export function approachingRule(thresholds: readonly Threshold[], share: number): Rule {
  const near = thresholds.map((threshold) => ({ ...threshold, from: threshold.limit * share }));
  return {
    name: 'approaching_limit',
    about: `A figure is above ${Math.round(share * 100)} % of its limit and not above it.`,
    check({ data }, _baseline, findings) {
      for (const { field, limit, from, unit } of near) {
        const value = numberOf(fieldOf(data, field));
        if (value === undefined || value <= from || value > limit) continue;
        findings.push({
          rule: 'approaching_limit',
          weight: 'caution',
          decision: 'CONTINUE',
          field,
          value,
          limit,
          message: `${field} is ${value} ${unit}, close to the limit of ${limit} ${unit}`,
          suggestion: `Watch ${field}: it is close to its limit.`,
        });
      }
    },
  };
}
