import { spreadOf, zScoreOf } from '../history/baseline.ts';
import type { Rule } from './types.ts';

export interface AnomalyLimits {
  /** Standard deviations from the mean above which a value is an anomaly. */
  readonly zScore: number;
  /** Above which it is a strong one. */
  readonly strong: number;
  /** Values that a history must have. */
  readonly minEvents: number;
}

/** A value far from the mean of what this source sent before: above `zScore` deviations it warns, above `strong` it is critical. */
export function anomalyRule({ zScore, strong, minEvents }: AnomalyLimits): Rule {
  return {
    name: 'anomaly',
    about: `A figure lies more than ${zScore} standard deviations from its source's own history.`,
    check(_event, baseline, findings) {
      for (let index = 0; index < baseline.names.length; index++) {
        if (baseline.counts[index] < minEvents) continue;
        const z = zScoreOf(baseline, index);
        const distance = Math.abs(z);
        if (!(distance > zScore)) continue;
        const field = baseline.names[index];
        const isStrong = distance > strong;
        const mean = baseline.means[index];
        const limit = mean + Math.sign(z) * zScore * spreadOf(baseline, index);
        findings.push({
          rule: 'anomaly',
          weight: isStrong ? 'critical' : 'caution',
          decision: isStrong ? 'ESCALATE' : 'CONTINUE',
          field,
          value: baseline.values[index],
          limit: rounded(limit),
          message: `${field} is ${baseline.values[index]}, ${rounded(distance)} standard deviations ${z > 0 ? 'above' : 'below'} the ${rounded(mean)} that this source usually sends`,
          suggestion: `Compare what this source did differently: ${field} is unlike its ${baseline.counts[index]} values before.`,
        });
      }
    },
  };
}

/** Three significant digits, for people. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
