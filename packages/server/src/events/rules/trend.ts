import { spreadOf, zScoreOf } from '../history/baseline.ts';
import { FAST } from '../history/series.ts';
import { type AnomalyLimits, rounded } from './anomaly.ts';
import type { Rule } from './types.ts';

/** Deviations of the mean of the last few values; each of the last few sees most of the others too, so it is stricter than one value. */
const MOST_DRIFT = 4;
/** The spread of a mean with weight {@link FAST}, as a share of one value's. */
const MEAN_SPREAD = Math.sqrt(FAST / (2 - FAST));

/** The last few values together have left the mean of the source's history, though none of them may be far off by itself. */
export function trendRule({ zScore, minEvents }: AnomalyLimits): Rule {
  return {
    name: 'trend',
    about: "The last few values of a figure have together left their source's own history.",
    check(_event, baseline, findings) {
      for (let index = 0; index < baseline.names.length; index++) {
        if (baseline.counts[index] < 2 * minEvents) continue;
        if (Math.abs(zScoreOf(baseline, index)) > zScore) continue;
        const mean = baseline.means[index];
        const recent = baseline.fasts[index] + FAST * (baseline.values[index] - baseline.fasts[index]);
        const drift = (recent - mean) / (spreadOf(baseline, index) * MEAN_SPREAD);
        if (!(Math.abs(drift) > MOST_DRIFT)) continue;
        const field = baseline.names[index];
        findings.push({
          rule: 'trend',
          weight: 'caution',
          decision: 'CONTINUE',
          field,
          value: rounded(recent),
          limit: rounded(mean + Math.sign(drift) * MOST_DRIFT * spreadOf(baseline, index) * MEAN_SPREAD),
          message: `the last values of ${field} average ${rounded(recent)}, ${drift > 0 ? 'above' : 'below'} the usual ${rounded(mean)}`,
          suggestion: `Find out what changed when ${field} began to ${drift > 0 ? 'rise' : 'fall'}.`,
        });
      }
    },
  };
}
