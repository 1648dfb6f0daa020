import { fieldOf, type JsonValue, numberOf, shownValue } from '../event.ts';
import type { Threshold } from './threshold.ts';
import type { Rule } from './types.ts';

const MOST_PERCENT = 100;

/** A measured figure that cannot be: no number, below zero, or a percentage above a hundred. */
export function invalidValueRule(thresholds: readonly Threshold[]): Rule {
  return {
    name: 'invalid_value',
    about: 'A measured figure is no number, below zero, or a percentage above 100.',
    check({ data }, _baseline, findings) {
      for (const { field, unit } of thresholds) {
        const value = fieldOf(data, field);
        if (value === undefined) continue;
        const expected = unit === '%' ? 'a number from 0 to 100' : 'a number from 0 on';
        if (!isImpossible(value, unit)) continue;
        findings.push({
          rule: 'invalid_value',
          weight: 'violation',
          decision: 'REPROCESS',
          field,
          value: shownValue(value),
          limit: expected,
          message: `${field} is ${JSON.stringify(shownValue(value))}, expected ${expected}`,
          suggestion: `Check how ${field} is measured and sent.`,
        });
      }
    },
  };
}

function isImpossible(value: JsonValue, unit: string): boolean {
  const number = numberOf(value);
  return number === undefined || number < 0 || (unit === '%' && number > MOST_PERCENT);
}
