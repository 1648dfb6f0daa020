import { upperBound } from './bounds.ts';
import type { Histogram } from './histogram.ts';
import { hasCustomBuckets } from './histogram.ts';
import type { BucketRow } from './rows.ts';
import { rowOf } from './rows.ts';

/** One bucket with its bounds. */
export interface HistogramBucket {
  readonly lower: number;
  readonly upper: number;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
  readonly count: number;
}

/** All buckets from the lowest to the highest, the zero bucket between the signs where it holds something. */
export function bucketsOf(histogram: Histogram): readonly HistogramBucket[] {
  const { zeroThreshold, zeroCount } = histogram;
  const clamp = !hasCustomBuckets(histogram);
  const negative = rowOf(histogram.negativeSpans, histogram.negativeBuckets);
  const positive = rowOf(histogram.positiveSpans, histogram.positiveBuckets);
  const buckets = mirrored(sideBuckets(histogram, negative, clamp));
  if (zeroCount > 0 || zeroCount !== zeroCount)
    buckets.push({
      lower: -zeroThreshold,
      upper: zeroThreshold,
      lowerInclusive: true,
      upperInclusive: true,
      count: zeroCount,
    });
  buckets.push(...sideBuckets(histogram, positive, clamp));
  return buckets;
}

/** The buckets of one sign, as positive ones. A bucket the zero bucket reaches into begins where that ends. */
function sideBuckets(histogram: Histogram, row: BucketRow, clamp: boolean): HistogramBucket[] {
  return Array.from(row.indexes, (index, i) => {
    const lower = upperBound(histogram, index - 1);
    return {
      lower: clamp && lower < histogram.zeroThreshold ? histogram.zeroThreshold : lower,
      upper: upperBound(histogram, index),
      lowerInclusive: false,
      upperInclusive: true,
      count: row.counts[i],
    };
  });
}

function mirrored(buckets: readonly HistogramBucket[]): HistogramBucket[] {
  return buckets.toReversed().map(({ lower, upper, count }) => ({
    lower: -upper,
    upper: -lower,
    lowerInclusive: true,
    upperInclusive: false,
    count,
  }));
}
