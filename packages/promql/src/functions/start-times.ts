import type { RangeSeries } from '../eval/value.ts';

/**
 * Whether the counting of sample i began after the sample before it. A start at that very time is one only where that
 * sample's own start is known and earlier: a cumulative series of unknown start says the same with its second sample.
 */
export function startsAnew(timestamps: Float64Array, starts: Float64Array | undefined, i: number): boolean {
  if (starts === undefined) return false;
  const start = starts[i];
  const before = timestamps[i - 1];
  if (start === 0 || start >= timestamps[i] || start < before) return false;
  return start > before || (starts[i - 1] !== 0 && starts[i - 1] < before);
}

/** Inside the window, when the counting of its first sample began: a sample of zero. */
export function windowStart(
  { timestamps, starts }: RangeSeries,
  from: number,
  open: number,
): number | undefined {
  const start = starts?.[from] ?? 0;
  return start !== 0 && start > open && start < timestamps[from] ? start : undefined;
}
