import type { HistogramBucket } from './buckets.ts';
import { bucketsOf } from './buckets.ts';
import type { Histogram } from './histogram.ts';
import { hasCustomBuckets } from './histogram.ts';
import { effectiveBounds, shareBelow } from './quantile.ts';
import { compactHistogram } from './sum.ts';

/** What of a bucket stays, and where the middle of that lies. */
interface Kept {
  readonly count: number;
  readonly middle: number;
}

/**
 * A histogram with only the observations at most (`below`, operator `</`) or at least (`above`, `>/`) a value. Inside a
 * bucket they are taken to lie as quantiles take them to. If any went, the sum is estimated anew from the middles of
 * the buckets.
 */
export function trimHistogram(histogram: Histogram, side: 'below' | 'above', cut: number): Histogram {
  const before = bucketsOf(histogram);
  const kept = before.map((bucket) => keep(bucket, histogram, side, cut));
  if (kept.every(({ count }, i) => Object.is(count, before[i]?.count))) return histogram;
  const counts = kept.map(({ count }) => count);
  const sum = kept.reduce((total, { count, middle }) => (count === 0 ? total : total + count * middle), 0);
  const negatives = histogram.negativeBuckets.length;
  const hasZero = before.length > negatives + histogram.positiveBuckets.length;
  return compactHistogram({
    ...histogram,
    count: counts.reduce((total, count) => total + count, 0),
    sum,
    negativeBuckets: Float64Array.from(counts.slice(0, negatives).reverse()),
    zeroCount: hasZero ? (counts[negatives] ?? 0) : histogram.zeroCount,
    positiveBuckets: Float64Array.from(counts.slice(negatives + (hasZero ? 1 : 0))),
  });
}

function keep(bucket: HistogramBucket, histogram: Histogram, side: 'below' | 'above', cut: number): Kept {
  const { lower, upper } = effectiveBounds(bucket, histogram);
  const { count } = bucket;
  const custom = hasCustomBuckets(histogram);
  const gone = { count: 0, middle: 0 };
  const whole = { count, middle: middleOf(lower, upper, custom) };
  const under = upper <= cut;
  const over = bucket.lower >= cut;
  if (under || over) return under === (side === 'below') ? whole : gone;
  // The cut is inside; nothing is known about where in an endless bucket the observations are.
  if (bucket.lower === Number.NEGATIVE_INFINITY) {
    if (upper === Number.POSITIVE_INFINITY) return gone;
    if (lower === Number.NEGATIVE_INFINITY) return side === 'below' ? { count, middle: cut } : gone;
  }
  if (upper === Number.POSITIVE_INFINITY) return side === 'below' ? gone : { count, middle: cut };
  if (cut <= lower) return side === 'above' && (cut === lower || !custom) ? whole : gone;
  const linear = custom || (lower <= 0 && upper >= 0);
  const below = shareBelow(cut, lower, upper, linear ? 'linear' : 'logarithmic');
  const [from, to] = side === 'below' ? [lower, cut] : [cut, upper];
  const middle = linear ? (from + to) / 2 : middleOf(from, to, custom);
  return { count: count * (side === 'below' ? below : 1 - below), middle };
}

function middleOf(lower: number, upper: number, custom: boolean): number {
  if (lower === Number.NEGATIVE_INFINITY) return upper === Number.POSITIVE_INFINITY ? 0 : upper;
  if (upper === Number.POSITIVE_INFINITY) return lower;
  if (custom || (lower <= 0 && upper >= 0)) return (lower + upper) / 2;
  return Math.sign(upper) * Math.sqrt(lower * upper);
}
