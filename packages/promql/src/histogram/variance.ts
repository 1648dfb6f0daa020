import { KahanSum } from '../eval/kahan.ts';
import { bucketsOf } from './buckets.ts';
import type { Histogram } from './histogram.ts';
import { hasCustomBuckets } from './histogram.ts';

/**
 * Estimated population variance: every observation taken for the middle of its bucket, the geometric one of exponential
 * buckets and the arithmetic one of custom buckets.
 */
export function histogramVariance(histogram: Histogram): number {
  const mean = histogram.sum / histogram.count;
  const custom = hasCustomBuckets(histogram);
  const squares = new KahanSum();
  for (const { lower, upper, count } of bucketsOf(histogram)) {
    if (count === 0) continue;
    const delta = middleOf(lower, upper, custom) - mean;
    squares.add(count * delta * delta);
  }
  return squares.value / histogram.count;
}

function middleOf(lower: number, upper: number, custom: boolean): number {
  if (custom) return (upper + lower) / 2;
  if (lower <= 0 && upper >= 0) return 0;
  const middle = Math.sqrt(upper * lower);
  return upper < 0 ? -middle : middle;
}
