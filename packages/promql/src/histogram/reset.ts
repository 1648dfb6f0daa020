import { commonBounds, exponentialBound, sameBounds } from './bounds.ts';
import type { Histogram } from './histogram.ts';
import { hasCustomBuckets } from './histogram.ts';
import type { BucketRow } from './rows.ts';
import { filterRow, rowOf, toBounds, toSchema } from './rows.ts';
import { sameLayout } from './sum.ts';
import { widenZero } from './zero.ts';

/**
 * Whether a counter began anew between two samples of it: the hint where it says so, else any number that fell, and any
 * change of the layout that a counter which goes on cannot make (a finer resolution, a narrower zero bucket).
 */
export function detectReset(current: Histogram, previous: Histogram): boolean {
  if (current.resetHint === 'reset') return true;
  if (current.resetHint === 'not_reset') return false;
  if (current.count < previous.count) return true;
  if (sameLayout(current, previous))
    return (
      current.zeroCount < previous.zeroCount ||
      anyLess(current.positiveBuckets, previous.positiveBuckets) ||
      anyLess(current.negativeBuckets, previous.negativeBuckets)
    );
  if (hasCustomBuckets(current) !== hasCustomBuckets(previous)) return true;
  if (hasCustomBuckets(current)) return customBucketFell(current, previous);
  if (current.schema > previous.schema || current.zeroThreshold < previous.zeroThreshold) return true;
  const before = widenZero(
    {
      schema: previous.schema,
      threshold: previous.zeroThreshold,
      zeroCount: previous.zeroCount,
      positive: rowOf(previous.positiveSpans, previous.positiveBuckets),
      negative: rowOf(previous.negativeSpans, previous.negativeBuckets),
    },
    current.zeroThreshold,
  );
  if (before.threshold !== current.zeroThreshold || current.zeroCount < before.zeroCount) return true;
  const { schema } = current;
  const outside = (index: number): boolean => exponentialBound(index, schema) > current.zeroThreshold;
  const fell = (now: BucketRow, then: BucketRow): boolean =>
    anyFell(filterRow(now, outside), filterRow(toSchema(then, previous.schema, schema), outside));
  return (
    fell(rowOf(current.positiveSpans, current.positiveBuckets), before.positive) ||
    fell(rowOf(current.negativeSpans, current.negativeBuckets), before.negative)
  );
}

function customBucketFell(current: Histogram, previous: Histogram): boolean {
  const now = rowOf(current.positiveSpans, current.positiveBuckets);
  const before = rowOf(previous.positiveSpans, previous.positiveBuckets);
  if (sameBounds(current.customValues, previous.customValues)) return anyFell(now, before);
  const bounds = commonBounds(current.customValues, previous.customValues);
  return anyFell(
    toBounds(now, current.customValues, bounds),
    toBounds(before, previous.customValues, bounds),
  );
}

function anyLess(now: Float64Array, before: Float64Array): boolean {
  for (let i = 0; i < before.length; i++) if (now[i] < before[i]) return true;
  return false;
}

/** A bucket holds less than before, or is gone although it held something. */
function anyFell(now: BucketRow, before: BucketRow): boolean {
  let i = 0;
  for (let j = 0; j < before.indexes.length; j++) {
    const index = before.indexes[j];
    while (i < now.indexes.length && now.indexes[i] < index) i++;
    const count = i < now.indexes.length && now.indexes[i] === index ? now.counts[i] : 0;
    if (count < before.counts[j]) return true;
  }
  return false;
}
