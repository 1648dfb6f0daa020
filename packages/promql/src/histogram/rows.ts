import { customBound } from './bounds.ts';

/** The buckets of one sign: their indexes, rising, and a count for each. */
export interface BucketRow {
  readonly indexes: Int32Array;
  readonly counts: Float64Array;
}

const EMPTY_ROW: BucketRow = { indexes: new Int32Array(0), counts: new Float64Array(0) };

/** Spans and counts, as a histogram holds them, with every index written out. */
export function rowOf(spans: Int32Array, counts: Float64Array): BucketRow {
  if (counts.length === 0) return EMPTY_ROW;
  const indexes = new Int32Array(counts.length);
  let at = 0;
  let index = 0;
  for (let s = 0; s + 1 < spans.length; s += 2) {
    index += spans[s];
    for (let k = 0; k < spans[s + 1] && at < indexes.length; k++) indexes[at++] = index++;
  }
  return { indexes, counts };
}

/** The spans of rising indexes: pairs of gap and length. */
export function spansOf(indexes: Int32Array): Int32Array {
  const spans: number[] = [];
  let next = 0;
  for (const index of indexes) {
    if (spans.length > 0 && index === next) spans[spans.length - 1] = (spans.at(-1) ?? 0) + 1;
    else spans.push(spans.length === 0 ? index : index - next, 1);
    next = index + 1;
  }
  return Int32Array.from(spans);
}

/** A row with every index sent to another by a map that never falls; counts that meet are added. */
function regroup(row: BucketRow, target: (index: number) => number): BucketRow {
  const { length } = row.indexes;
  const indexes = new Int32Array(length);
  const counts = new Float64Array(length);
  let last = -1;
  for (let i = 0; i < length; i++) {
    const index = target(row.indexes[i]);
    if (last < 0 || indexes[last] !== index) indexes[++last] = index;
    counts[last] = counts[last] + row.counts[i];
  }
  return { indexes: indexes.subarray(0, last + 1), counts: counts.subarray(0, last + 1) };
}

/** The same buckets at a lower resolution: each step down joins neighbours in pairs. */
export function toSchema(row: BucketRow, from: number, to: number): BucketRow {
  if (from === to || row.indexes.length === 0) return row;
  const width = 2 ** (from - to);
  return regroup(row, (index) => Math.floor((index - 1) / width) + 1);
}

/** Custom buckets told in fewer bounds, each of which they have. */
export function toBounds(row: BucketRow, from: Float64Array, to: Float64Array): BucketRow {
  let at = 0;
  return regroup(row, (index) => {
    const upper = customBound(index, from);
    while (at < to.length && to[at] < upper) at++;
    return at;
  });
}

/** Only the buckets that pass. */
export function filterRow(row: BucketRow, keep: (index: number, count: number) => boolean): BucketRow {
  const { indexes, counts } = row;
  const places: number[] = [];
  for (let i = 0; i < indexes.length; i++) if (keep(indexes[i], counts[i])) places.push(i);
  if (places.length === indexes.length) return row;
  return {
    indexes: Int32Array.from(places, (place) => indexes[place]),
    counts: Float64Array.from(places, (place) => counts[place]),
  };
}

/** Without empty buckets. */
export function compactRow(row: BucketRow): BucketRow {
  return row.counts.includes(0) ? filterRow(row, (_, count) => count !== 0) : row;
}
