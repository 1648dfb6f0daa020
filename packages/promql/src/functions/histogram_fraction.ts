import { afterNameDrop } from '../eval/names.ts';
import { histogramFraction } from '../histogram/fraction.ts';
import { scalarArgument, vectorArgument } from './arguments.ts';
import type { Buckets } from './classic-buckets.ts';
import { coalesce, forceMonotonic, perHistogram } from './classic-buckets.ts';
import type { WholeFunction } from './types.ts';

/** `histogram_fraction(lower, upper, v)`: the share of observations between two values. */
export const histogram_fraction: WholeFunction = {
  kind: 'whole',
  async evaluate({ context, call, args }) {
    const lowers = scalarArgument(args, 0);
    const uppers = scalarArgument(args, 1);
    const vector = vectorArgument(args, 2);
    const span = call.args[2]?.span ?? call.span;
    const result = await perHistogram(context, vector, span, {
      classic: (buckets, step) => bucketFraction(lowers[step], uppers[step], buckets),
      native(histogram, step, metricName) {
        const fraction = histogramFraction(lowers[step], uppers[step], histogram);
        if (Number.isNaN(histogram.sum) && !Number.isNaN(fraction))
          context.annotations.nanObservations(span, metricName, 'excluded');
        return fraction;
      },
    });
    return afterNameDrop(context, result);
  },
};

/** The share of observations in (lower, upper] of a histogram's buckets. */
function bucketFraction(lower: number, upper: number, buckets: Buckets): number {
  if (!buckets.areWhole) return Number.NaN;
  coalesce(buckets);
  forceMonotonic(buckets);
  const { total } = buckets;
  if (total === 0 || Number.isNaN(total) || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  if (lower >= upper) return 0;
  return (rankOf(upper, buckets, total) - rankOf(lower, buckets, total)) / total;
}

/** How many observations are at most `value`, linear inside a bucket. */
function rankOf(value: number, { bounds, counts, length }: Buckets, total: number): number {
  let rank = 0;
  let lowerBound = bounds[0] > 0 ? 0 : Number.NEGATIVE_INFINITY;
  for (let i = 0; i < length; i++) {
    const upperBound = bounds[i];
    const count = counts[i];
    if (lowerBound >= value) return rank;
    if (upperBound > value) {
      if (upperBound === Number.POSITIVE_INFINITY || lowerBound === Number.NEGATIVE_INFINITY) return rank;
      return rank + (count - rank) * ((value - lowerBound) / (upperBound - lowerBound));
    }
    rank = count;
    lowerBound = upperBound;
  }
  return Math.min(rank, total);
}
