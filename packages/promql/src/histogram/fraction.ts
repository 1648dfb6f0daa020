import { bucketsOf } from './buckets.ts';
import type { Histogram } from './histogram.ts';
import { hasCustomBuckets } from './histogram.ts';
import { effectiveBounds, shareBelow } from './quantile.ts';

/** The share of observations in (lower, upper] of a native histogram; NaN observations are in no range. */
export function histogramFraction(lower: number, upper: number, histogram: Histogram): number {
  const { count } = histogram;
  if (count === 0 || Number.isNaN(count) || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  if (lower >= upper) return 0;
  return (rankOf(upper, histogram) - rankOf(lower, histogram)) / count;
}

/** How many observations are at most `value`. */
function rankOf(value: number, histogram: Histogram): number {
  let rank = 0;
  for (const bucket of bucketsOf(histogram)) {
    const { lower, upper } = effectiveBounds(bucket, histogram);
    if (lower >= value) return Math.min(rank, histogram.count);
    if (upper > value) {
      // An endless bucket tells nothing about where in it a value stands.
      if (lower === Number.NEGATIVE_INFINITY) return Math.min(bucket.count, histogram.count);
      if (upper === Number.POSITIVE_INFINITY) return Math.min(rank, histogram.count);
      const linear = hasCustomBuckets(histogram) || (lower <= 0 && upper >= 0);
      const share = shareBelow(value, lower, upper, linear ? 'linear' : 'logarithmic');
      return Math.min(rank + bucket.count * share, histogram.count);
    }
    rank += bucket.count;
  }
  return Number.isNaN(histogram.sum) ? Math.min(rank, histogram.count) : histogram.count;
}
