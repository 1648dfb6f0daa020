import type { HistogramBucket } from './buckets.ts';
import { bucketsOf } from './buckets.ts';
import type { Histogram } from './histogram.ts';
import { hasCustomBuckets } from './histogram.ts';

/** What NaN among the observations did to a quantile. */
export interface HistogramQuantile {
  readonly value: number;
  readonly nans: 'none' | 'skewed' | 'reached';
}

/**
 * The q-quantile of a native histogram: on a logarithmic scale inside exponential buckets, on a linear one inside the
 * zero bucket and custom buckets. NaN observations count as the highest.
 */
export function histogramQuantile(q: number, histogram: Histogram): HistogramQuantile {
  const plain = (value: number): HistogramQuantile => ({ value, nans: 'none' });
  if (q < 0) return plain(Number.NEGATIVE_INFINITY);
  if (q > 1) return plain(Number.POSITIVE_INFINITY);
  if (histogram.count === 0 || Number.isNaN(q)) return plain(Number.NaN);
  const hasNans = Number.isNaN(histogram.sum);
  // From the nearer end; only from below where NaN sits above all buckets.
  const fromBelow = hasNans || q < 0.5;
  const rank = (fromBelow ? q : 1 - q) * histogram.count;
  const { bucket, seen } = walkTo(rank, histogram, fromBelow);
  if (bucket === undefined || seen < rank) {
    if (hasNans) return { value: Number.NaN, nans: 'reached' };
    if (bucket === undefined) return plain(Number.NaN);
  }
  const inBucket = Math.max(0, rank - (seen - bucket.count));
  const share = (fromBelow ? inBucket : Math.max(0, bucket.count - inBucket)) / bucket.count;
  return { value: within(bucket, Math.min(1, share), histogram), nans: hasNans ? 'skewed' : 'none' };
}

function walkTo(
  rank: number,
  histogram: Histogram,
  fromBelow: boolean,
): { bucket: HistogramBucket | undefined; seen: number } {
  const buckets = bucketsOf(histogram).filter(({ count }) => count !== 0);
  let seen = 0;
  let bucket: HistogramBucket | undefined;
  for (const one of fromBelow ? buckets : buckets.toReversed()) {
    bucket = one;
    seen += one.count;
    if (seen >= rank) break;
  }
  return { bucket, seen };
}

function within(bucket: HistogramBucket, share: number, histogram: Histogram): number {
  const { lower, upper } = effectiveBounds(bucket, histogram);
  if (lower === Number.NEGATIVE_INFINITY) return upper;
  if (upper === Number.POSITIVE_INFINITY) return lower;
  if (hasCustomBuckets(histogram) || (lower <= 0 && upper >= 0)) return lower + (upper - lower) * share;
  const [logLower, logUpper] = [Math.log2(Math.abs(lower)), Math.log2(Math.abs(upper))];
  if (lower > 0) return 2 ** (logLower + (logUpper - logLower) * share);
  return -(2 ** (logUpper + (logLower - logUpper) * (1 - share)));
}

/**
 * Bounds with what is known about the data: a zero bucket beside buckets of one sign reaches to zero only, and so does
 * the lowest custom bucket where its upper bound is positive.
 */
export function effectiveBounds(
  { lower, upper }: HistogramBucket,
  histogram: Histogram,
): { lower: number; upper: number } {
  if (hasCustomBuckets(histogram))
    return { lower: lower === Number.NEGATIVE_INFINITY && upper > 0 ? 0 : lower, upper };
  if (lower < 0 && upper > 0) {
    const { negativeBuckets, positiveBuckets } = histogram;
    if (negativeBuckets.length === 0 && positiveBuckets.length > 0) return { lower: 0, upper };
    if (positiveBuckets.length === 0 && negativeBuckets.length > 0) return { lower, upper: 0 };
  }
  return { lower, upper };
}

/** Where a value inside a bucket stands, 0 at its lower and 1 at its upper end; by the scale quantiles use. */
export function shareBelow(
  value: number,
  lower: number,
  upper: number,
  scale: 'linear' | 'logarithmic',
): number {
  if (scale === 'linear') return (value - lower) / (upper - lower);
  const log = (x: number): number => Math.log2(Math.abs(x));
  if (value > 0) return (log(value) - log(lower)) / (log(upper) - log(lower));
  return 1 - (log(value) - log(upper)) / (log(lower) - log(upper));
}
