import type { SeriesColumns } from '../storage.ts';
import type { Column, RangeSeries } from './value.ts';

/** Staleness markers as 32-bit words (compat RW-6); tested on the words, since reading a float may lose its bits. */
const STALE_LOW = 2;
const STALE_HIGH = 0x7ff00000;

/** Whether element `index` is the staleness marker. Cheap for numbers: only NaN looks at the bits. */
export function isStaleAt(values: Float64Array, index: number): boolean {
  const value = values[index];
  if (value === value) return false;
  const words = new Uint32Array(values.buffer, values.byteOffset + index * 8, 2);
  return words[0] === STALE_LOW && words[1] === STALE_HIGH;
}

/** First index in `[from, to)` whose timestamp is greater than `time`. */
export function firstAfter(timestamps: Float64Array, from: number, to: number, time: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timestamps[middle] > time) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The times of an instant selector's steps and how far it looks back. */
export interface Lookups {
  readonly first: number;
  readonly step: number;
  readonly lookback: number;
}

/**
 * The instant value at every step: the newest sample in `(t - lookback, t]`, none when it is a staleness
 * marker. With `pick: 'time'` the sample's time in seconds instead of its value. Answers whether any step has one.
 */
export function readInstant(
  series: SeriesColumns,
  lookups: Lookups,
  out: Column,
  pick: 'value' | 'time' = 'value',
): boolean {
  const { timestamps, values, from, to } = series;
  const { first, step, lookback } = lookups;
  let next = firstAfter(timestamps, from, to, first);
  let any = false;
  for (let k = 0; k < out.present.length; k++) {
    const time = first + k * step;
    while (next < to && timestamps[next] <= time) next++;
    const at = next - 1;
    if (at < from) continue;
    const sampled = timestamps[at];
    if (sampled <= time - lookback || isStaleAt(values, at)) continue;
    out.values[k] = pick === 'value' ? values[at] : sampled / 1000;
    out.present[k] = 1;
    any = true;
  }
  return any;
}

/**
 * The value at every step of a `smoothed` selector: on the line between the samples around it, each at most one
 * lookback away; the older one alone where there is no newer.
 */
export function readSmoothed(series: SeriesColumns, lookups: Lookups, out: Column): boolean {
  const { first, step, lookback } = lookups;
  const last = first + step * (out.present.length - 1);
  const { timestamps, values, from, to } = readRange(series, first - lookback, last + lookback);
  let any = false;
  for (let k = 0; k < out.present.length; k++) {
    const time = first + k * step;
    const next = firstAfter(timestamps, from, to, time);
    const at = next - 1;
    if (at < from || timestamps[at] <= time - lookback) continue;
    const follows = next < to && timestamps[next] <= time + lookback && timestamps[at] !== time;
    const share = follows ? (time - timestamps[at]) / (timestamps[next] - timestamps[at]) : 0;
    out.values[k] = follows ? values[at] + (values[next] - values[at]) * share : values[at];
    out.present[k] = 1;
    any = true;
  }
  return any;
}

/** The part of a series a range selector may see, `(open, close]`, without staleness markers. */
export function readRange(series: SeriesColumns, open: number, close: number): RangeSeries {
  const from = firstAfter(series.timestamps, series.from, series.to, open);
  const to = firstAfter(series.timestamps, from, series.to, close);
  const { labels, timestamps, values } = series;
  // One comparison settles the common case: no sample of a healthy counter is a drop or a NaN.
  const rest = risesUntil(values, from, to);
  if (rest === to) return { labels, dropName: false, timestamps, values, from, to, rising: true };
  let stale = 0;
  for (let i = rest; i < to; i++) {
    const value = values[i];
    if (value !== value && isStaleAt(values, i)) stale++;
  }
  if (stale === 0) return { labels, dropName: false, timestamps, values, from, to };
  return { labels, dropName: false, ...compact(series, from, to, stale) };
}

/** First index in `[from, to)` that is smaller than its predecessor, or NaN; `to` when there is none. */
function risesUntil(values: Float64Array, from: number, to: number): number {
  let previous = Number.NEGATIVE_INFINITY;
  for (let i = from; i < to; i++) {
    const value = values[i];
    if (!(value >= previous)) return i;
    previous = value;
  }
  return to;
}

function compact(
  series: SeriesColumns,
  from: number,
  to: number,
  stale: number,
): Pick<RangeSeries, 'timestamps' | 'values' | 'from' | 'to'> {
  const length = to - from - stale;
  const timestamps = new Float64Array(length);
  const values = new Float64Array(length);
  let at = 0;
  for (let i = from; i < to; i++) {
    if (isStaleAt(series.values, i)) continue;
    timestamps[at] = series.timestamps[i];
    values[at] = series.values[i];
    at++;
  }
  return { timestamps, values, from: 0, to: length };
}
