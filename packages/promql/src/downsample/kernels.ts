import { KahanSum } from '../eval/kahan.ts';
import { firstAfter } from '../eval/select.ts';
import type { Column, Windows } from '../eval/value.ts';
import type { Extrapolation } from '../functions/extrapolation.ts';
import { reach } from '../functions/extrapolation.ts';
import type { FunctionName } from '../parse/signatures.ts';
import type { BucketColumns, BucketField } from '../storage.ts';
import type { BucketGrid } from './buckets.ts';
import { bucketBefore, bucketWidth } from './pieces.ts';

/**
 * A range function of the buckets `[from, to)`, of which the first and the last hold samples. The window is `(open, end]`, in
 * whole buckets; undefined for no value.
 */
type BucketFunction = (
  buckets: BucketColumns,
  from: number,
  to: number,
  window: { readonly open: number; readonly end: number },
) => number | undefined;

export interface BucketKernel {
  /** What it looks at beside ends and counts. */
  readonly reads: readonly BucketField[];
  readonly compute: BucketFunction;
  /** Grows with the width of the window: asked for a width of less than a bucket, the answer is scaled. */
  readonly extensive?: boolean;
  /** Of counters: the name is looked at. */
  readonly counter?: boolean;
}

const total = new KahanSum();

function sumOf(column: Float64Array, count: Float64Array, from: number, to: number): KahanSum {
  total.reset();
  for (let i = from; i < to; i++) if (count[i] > 0) total.add(column[i]);
  return total;
}

/** Whole numbers: no compensation needed. */
function samplesIn({ count }: BucketColumns, from: number, to: number): number {
  let samples = 0;
  for (let i = from; i < to; i++) samples += count[i];
  return samples;
}

/** The mean by shares, where the sum overflows. */
function meanOf(buckets: BucketColumns, from: number, to: number): number {
  const { sum, count } = buckets;
  const samples = samplesIn(buckets, from, to);
  const { value } = sumOf(sum, count, from, to);
  if (Number.isFinite(value)) return value / samples;
  let mean = 0;
  for (let i = from; i < to; i++) mean += sum[i] / samples;
  return mean;
}

function extremeOf(
  column: Float64Array,
  count: Float64Array,
  from: number,
  to: number,
  sign: 1 | -1,
): number {
  let best = Number.NaN;
  for (let i = from; i < to; i++) {
    const value = column[i];
    if (count[i] === 0 || value !== value) continue;
    if (best !== best || value * sign > best * sign) best = value;
  }
  return best;
}

/** Bit by bit what `extrapolate` computes from the samples, but for the order in which drops are added. */
function extrapolatedBy(mode: Extrapolation): BucketFunction {
  return (buckets, from, to, { open, end }) => {
    const { first, firstTime, last, lastTime, dropped, count } = buckets;
    const samples = samplesIn(buckets, from, to);
    if (samples < 2) return undefined;
    let result = last[to - 1] - first[from];
    if (mode.counter) {
      let before = Number.NaN;
      for (let i = from; i < to; i++) {
        if (count[i] === 0) continue;
        if (first[i] < before) result += before;
        result += dropped[i];
        before = last[i];
      }
    }
    const sampled = lastTime[to - 1] - firstTime[from];
    const zeroAt =
      mode.counter && result > 0 && first[from] >= 0
        ? sampled * (first[from] / result)
        : Number.POSITIVE_INFINITY;
    const atStart = reach(sampled, samples, firstTime[from] - open, zeroAt);
    const atEnd = reach(sampled, samples, end - lastTime[to - 1], Number.POSITIVE_INFINITY);
    const factor = (sampled + atStart + atEnd) / sampled;
    return result * (mode.perSecond ? factor / ((end - open) / 1000) : factor);
  };
}

/** Steps from sample to sample that count, within buckets and between them. */
function stepsBy(
  within: 'resets' | 'changes',
  counts: (before: number, value: number) => boolean,
): BucketFunction {
  return (buckets, from, to) => {
    const { count, first, last } = buckets;
    let steps = 0;
    let previous = -1;
    for (let i = from; i < to; i++) {
      if (count[i] === 0) continue;
      steps += buckets[within][i];
      if (previous >= 0 && counts(last[previous], first[i])) steps++;
      previous = i;
    }
    return steps;
  };
}

const EDGES: readonly BucketField[] = ['first', 'firstTime', 'last', 'lastTime'];
const COUNTER: readonly BucketField[] = [...EDGES, 'dropped'];

/** The functions that buckets answer as samples do. */
export const BUCKET_KERNELS: ReadonlyMap<FunctionName, BucketKernel> = new Map<FunctionName, BucketKernel>([
  ['count_over_time', { reads: [], compute: samplesIn, extensive: true }],
  [
    'sum_over_time',
    {
      reads: ['sum'],
      compute: ({ sum, count }, from, to) => sumOf(sum, count, from, to).value,
      extensive: true,
    },
  ],
  ['avg_over_time', { reads: ['sum'], compute: meanOf }],
  [
    'min_over_time',
    { reads: ['min'], compute: ({ min, count }, from, to) => extremeOf(min, count, from, to, -1) },
  ],
  [
    'max_over_time',
    { reads: ['max'], compute: ({ max, count }, from, to) => extremeOf(max, count, from, to, 1) },
  ],
  ['first_over_time', { reads: ['first'], compute: ({ first }, from) => first[from] }],
  ['last_over_time', { reads: ['last'], compute: ({ last }, _from, to) => last[to - 1] }],
  ['present_over_time', { reads: [], compute: () => 1 }],
  ['rate', { reads: COUNTER, compute: extrapolatedBy({ counter: true, perSecond: true }), counter: true }],
  [
    'increase',
    {
      reads: COUNTER,
      compute: extrapolatedBy({ counter: true, perSecond: false }),
      counter: true,
      extensive: true,
    },
  ],
  ['delta', { reads: EDGES, compute: extrapolatedBy({ counter: false, perSecond: false }), extensive: true }],
  [
    'resets',
    {
      reads: ['resets', 'first', 'last'],
      compute: stepsBy('resets', (before, value) => value < before),
      extensive: true,
    },
  ],
  [
    'changes',
    {
      reads: ['changes', 'first', 'last'],
      compute: stepsBy(
        'changes',
        (before, value) => value !== before && (value === value || before === before),
      ),
      extensive: true,
    },
  ],
]);

/**
 * Slides windows over buckets. A window that does not begin and end with a bucket is moved back to where the last one ended, and
 * is one bucket wide at least.
 */
export function slideBuckets(
  buckets: BucketColumns,
  windows: Windows,
  { resolution, phase }: BucketGrid,
  { compute, extensive }: BucketKernel,
  out: Column,
): boolean {
  const { ends, count, to: last } = buckets;
  const width = bucketWidth(windows.range, resolution);
  const scale = extensive === true && width !== windows.range ? windows.range / width : 1;
  let any = false;
  let from = buckets.from;
  let to = from;
  for (let k = 0; k < windows.count; k++) {
    const end = bucketBefore(windows.end + k * windows.step, resolution, phase);
    const open = end - width;
    if (k === 0) from = to = firstAfter(ends, from, last, open);
    while (to < last && ends[to] <= end) to++;
    while (from < to && ends[from] <= open) from++;
    let left = from;
    let right = to;
    while (left < right && count[left] === 0) left++;
    while (right > left && count[right - 1] === 0) right--;
    if (left === right) continue;
    const value = compute(buckets, left, right, { open, end });
    if (value === undefined) continue;
    out.values[k] = value * scale;
    out.present[k] = 1;
    any = true;
  }
  return any;
}
