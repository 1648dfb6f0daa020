import type { SeriesColumns } from '../storage.ts';
import type { PlacedWindows } from './placed-windows.ts';
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

/** Which sample each step of an instant selector sees, -1 for none: the same for all series of the same times. */
export function placeLookups(
  { timestamps, from, to }: SeriesColumns,
  { first, step, lookback }: Lookups,
  steps: number,
): Int32Array {
  const at = new Int32Array(steps);
  let next = firstAfter(timestamps, from, to, first);
  for (let k = 0; k < steps; k++) {
    const time = first + k * step;
    while (next < to && timestamps[next] <= time) next++;
    at[k] = next > from && timestamps[next - 1] > time - lookback ? next - 1 : -1;
  }
  return at;
}

/** `readInstant` of values whose places are known. */
export function readPlaced(values: Float64Array, places: Int32Array, out: Column): boolean {
  let any = false;
  for (let k = 0; k < places.length; k++) {
    const at = places[k];
    if (at < 0) continue;
    const value = values[at];
    if (value !== value && isStaleAt(values, at)) continue;
    out.values[k] = value;
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
  return rangeOf(series, from, to);
}

/** The samples `[from, to)` of a series without staleness markers; `placed` is where the windows lie among them, if known. */
export function rangeOf(
  series: SeriesColumns,
  from: number,
  to: number,
  placed?: PlacedWindows,
): RangeSeries {
  const { labels, timestamps, values } = series;
  let drops: number[] | undefined;
  let previous = Number.NEGATIVE_INFINITY;
  // One comparison settles the common case: few samples of a healthy counter are a drop, none a NaN.
  for (let i = from; i < to; i++) {
    const value = values[i];
    if (!(value >= previous)) {
      drops ??= [];
      if (value !== value || drops.length === MOST_DROPS) return rangeWithin(series, from, to, placed);
      drops.push(i);
    }
    previous = value;
  }
  return { labels, dropName: false, timestamps, values, from, to, drops: drops ?? NO_DROPS, placed };
}

/** Above this it is a gauge, whose drops nobody asks for. */
const MOST_DROPS = 8;
const NO_DROPS: readonly number[] = [];

/** The same where there may be staleness markers. */
function rangeWithin(
  series: SeriesColumns,
  from: number,
  to: number,
  placed: PlacedWindows | undefined,
): RangeSeries {
  const { labels, timestamps, values } = series;
  let stale = 0;
  for (let i = from; i < to; i++) {
    const value = values[i];
    if (value !== value && isStaleAt(values, i)) stale++;
  }
  if (stale > 0) return { labels, dropName: false, ...compact(series, from, to, stale) };
  return { labels, dropName: false, timestamps, values, from, to, drops: undefined, placed };
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
