import { KahanSum } from '../eval/kahan.ts';
import { firstAfter, isStaleAt } from '../eval/select.ts';
import type { BucketColumns, BucketField, SeriesColumns } from '../storage.ts';

/** The number columns of buckets, in the order of {@link BucketColumns}. */
export const BUCKET_FIELDS = [
  'ends',
  'count',
  'min',
  'max',
  'sum',
  'first',
  'firstTime',
  'last',
  'lastTime',
  'dropped',
  'resets',
  'changes',
  'staleTime',
] as const satisfies readonly BucketField[];

type Columns = Record<BucketField, Float64Array>;

/** What {@link samplesOf} and instant selectors look at. */
export const SAMPLE_FIELDS: readonly BucketField[] = ['ends', 'count', 'last', 'lastTime', 'staleTime'];

/** Clean columns for so many buckets. */
export function emptyBuckets(count: number): Columns {
  const column = (): Float64Array => new Float64Array(count);
  return {
    ends: column(),
    count: column(),
    min: column(),
    max: column(),
    sum: column(),
    first: column(),
    firstTime: column(),
    last: column(),
    lastTime: column(),
    dropped: column(),
    resets: column(),
    changes: column(),
    staleTime: column(),
  };
}

/** Of buckets of one width: how wide they are, and where they end: at every multiple of the width after `phase`, ms. */
export interface BucketGrid {
  readonly resolution: number;
  readonly phase: number;
}

/** End of the left-open bucket a time lies in. */
function bucketEnd(time: number, { resolution, phase }: BucketGrid): number {
  return phase + Math.ceil((time - phase) / resolution) * resolution;
}

/**
 * The float samples in `(open, close]` as buckets; histograms among them are left out. Samples of a repeated time count once,
 * as everywhere: times rise strictly.
 */
export function bucketsOf(
  series: SeriesColumns,
  width: number | BucketGrid,
  open = Number.NEGATIVE_INFINITY,
  close = Number.POSITIVE_INFINITY,
): BucketColumns {
  const { labels, timestamps } = series;
  const grid = typeof width === 'number' ? { resolution: width, phase: 0 } : width;
  const first = firstAfter(timestamps, series.from, series.to, open);
  const last = firstAfter(timestamps, first, series.to, close);
  const columns = emptyBuckets(countBuckets(timestamps, first, last, grid));
  let to = 0;
  for (let i = first; i < last; ) {
    const end = bucketEnd(timestamps[i], grid);
    let after = i + 1;
    while (after < last && timestamps[after] <= end) after++;
    if (fill(columns, to, series, i, after)) columns.ends[to++] = end;
    i = after;
  }
  return { labels, from: 0, to, ...columns };
}

function countBuckets(timestamps: Float64Array, first: number, last: number, grid: BucketGrid): number {
  let count = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (let i = first; i < last; i++) {
    if (timestamps[i] <= end) continue;
    end = bucketEnd(timestamps[i], grid);
    count++;
  }
  return count;
}

const total = new KahanSum();

/** Bucket `at` from the samples `[first, last)`; false where none of them is a float. */
function fill(columns: Columns, at: number, series: SeriesColumns, first: number, last: number): boolean {
  const { timestamps, values, histograms } = series;
  let [count, resets, changes, dropped] = [0, 0, 0, 0];
  let [min, max] = [Number.NaN, Number.NaN];
  let before = Number.NaN;
  columns.staleTime[at] = 0;
  total.reset();
  for (let i = first; i < last; i++) {
    if (histograms?.[i] !== undefined) continue;
    const value = values[i];
    if (value !== value && isStaleAt(values, i)) {
      columns.staleTime[at] = timestamps[i];
      continue;
    }
    columns.staleTime[at] = 0;
    total.add(value);
    if (!(value >= min)) min = value === value ? value : min;
    if (!(value <= max)) max = value === value ? value : max;
    if (count === 0) {
      columns.first[at] = value;
      columns.firstTime[at] = timestamps[i];
    } else {
      if (value < before) {
        resets++;
        dropped += before;
      }
      if (value !== before && (value === value || before === before)) changes++;
    }
    columns.last[at] = value;
    columns.lastTime[at] = timestamps[i];
    before = value;
    count++;
  }
  columns.count[at] = count;
  columns.min[at] = min;
  columns.max[at] = max;
  columns.sum[at] = total.value;
  columns.dropped[at] = dropped;
  columns.resets[at] = resets;
  columns.changes[at] = changes;
  return count > 0 || columns.staleTime[at] !== 0;
}

/** Older buckets and newer ones of the same width, which share none. */
export function joinBuckets(older: BucketColumns, newer: BucketColumns): BucketColumns {
  const [a, b] = [older.to - older.from, newer.to - newer.from];
  if (b === 0) return older;
  if (a === 0) return newer;
  const columns = emptyBuckets(a + b);
  for (const field of BUCKET_FIELDS) {
    columns[field].set(older[field].subarray(older.from, older.to));
    columns[field].set(newer[field].subarray(newer.from, newer.to), a);
  }
  return { labels: older.labels, from: 0, to: a + b, ...columns };
}

/**
 * One sample per bucket, its last, and the staleness marker after it: what instant selectors see at the ends of buckets, and
 * what functions see that need more than buckets tell.
 */
export function samplesOf(buckets: BucketColumns): SeriesColumns {
  const { labels, from, to, count, last, lastTime, staleTime } = buckets;
  const timestamps = new Float64Array(2 * (to - from));
  const values = new Float64Array(2 * (to - from));
  const words = new Uint32Array(values.buffer);
  let at = 0;
  for (let i = from; i < to; i++) {
    if (count[i] > 0) {
      timestamps[at] = lastTime[i];
      values[at++] = last[i];
    }
    if (staleTime[i] > 0) {
      timestamps[at] = staleTime[i];
      words[2 * at] = STALE_LOW;
      words[2 * at + 1] = STALE_HIGH;
      at++;
    }
  }
  return { labels, timestamps, values, from: 0, to: at };
}

const STALE_LOW = 2;
const STALE_HIGH = 0x7ff00000;
