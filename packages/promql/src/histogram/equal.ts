import { sameBounds } from './bounds.ts';
import type { Histogram } from './histogram.ts';
import { hasCustomBuckets } from './histogram.ts';
import type { BucketRow } from './rows.ts';
import { rowOf } from './rows.ts';

/** Whether two histograms are the same in layout and in every number (NaN equals NaN); the reset hint is no part of that. */
export function equalHistograms(a: Histogram, b: Histogram): boolean {
  return (
    a.schema === b.schema &&
    Object.is(a.count, b.count) &&
    Object.is(a.sum, b.sum) &&
    (hasCustomBuckets(a)
      ? sameBounds(a.customValues, b.customValues)
      : a.zeroThreshold === b.zeroThreshold && Object.is(a.zeroCount, b.zeroCount)) &&
    sameRows(rowOf(a.positiveSpans, a.positiveBuckets), rowOf(b.positiveSpans, b.positiveBuckets)) &&
    sameRows(rowOf(a.negativeSpans, a.negativeBuckets), rowOf(b.negativeSpans, b.negativeBuckets))
  );
}

function sameRows(a: BucketRow, b: BucketRow): boolean {
  if (a.indexes.length !== b.indexes.length) return false;
  return a.indexes.every((index, i) => index === b.indexes[i] && Object.is(a.counts[i], b.counts[i]));
}
