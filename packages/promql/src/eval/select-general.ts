import { createHistogram, type Histogram } from '../histogram/histogram.ts';
import { detectReset } from '../histogram/reset.ts';
import { HistogramSum, scaleHistogram } from '../histogram/sum.ts';
import type { SeriesColumns } from '../storage.ts';
import type { Lookups } from './select.ts';
import { firstAfter, isStaleAt } from './select.ts';
import type { GeneralColumn, RangeSeries, SampleValue } from './value.ts';
import { storeSample } from './value.ts';

/** A series whose samples may be histograms, read as `readInstant` reads plain ones. */
export function readInstantGeneral(
  series: SeriesColumns,
  lookups: Lookups,
  out: GeneralColumn,
  pick: 'value' | 'time' | 'start',
): boolean {
  const { timestamps, from, to } = series;
  const { first, step, lookback } = lookups;
  let next = firstAfter(timestamps, from, to, first);
  let any = false;
  for (let k = 0; k < out.present.length; k++) {
    const time = first + k * step;
    while (next < to && timestamps[next] <= time) next++;
    const at = next - 1;
    if (at < from || timestamps[at] <= time - lookback || isStale(series, at)) continue;
    if (storeSample(out, k, pickAt(series, at, pick))) any = true;
  }
  return any;
}

function pickAt(series: SeriesColumns, at: number, pick: 'value' | 'time' | 'start'): SampleValue {
  if (pick === 'value') return series.histograms?.[at] ?? series.values[at];
  if (pick === 'time') return series.timestamps[at] / 1000;
  return (series.starts?.[at] ?? 0) / 1000;
}

function isStale(series: SeriesColumns, at: number): boolean {
  return series.histograms?.[at] === undefined && isStaleAt(series.values, at);
}

/** The samples of `(open, close]` without staleness markers, histograms and wanted start times among them. */
export function readRangeGeneral(
  series: SeriesColumns,
  open: number,
  close: number,
  withStarts: boolean,
): RangeSeries {
  const first = firstAfter(series.timestamps, series.from, series.to, open);
  const last = firstAfter(series.timestamps, first, series.to, close);
  const places: number[] = [];
  for (let i = first; i < last; i++) if (!isStale(series, i)) places.push(i);
  const histograms = places.map((place) => series.histograms?.[place]);
  const { starts } = series;
  return {
    labels: series.labels,
    dropName: false,
    timestamps: Float64Array.from(places, (place) => series.timestamps[place]),
    values: Float64Array.from(places, (place) => series.values[place]),
    from: 0,
    to: places.length,
    histograms: histograms.some((one) => one !== undefined) ? histograms : undefined,
    starts: withStarts && starts !== undefined ? Float64Array.from(places, (i) => starts[i]) : undefined,
  };
}

/**
 * The same series with histograms reduced to count and sum, and each told whether it is a reset where its hint leaves that
 * open: enough for `histogram_count`, `histogram_sum` and `histogram_avg`.
 */
export function statsOnly(series: SeriesColumns): SeriesColumns {
  const { histograms, from, to } = series;
  if (histograms === undefined) return series;
  let before: Histogram | undefined;
  const reduced = histograms.slice(0, to);
  for (let i = from; i < to; i++) {
    const one = histograms[i];
    // A staleness marker between two histograms is not in windows: they are neighbours there.
    if (one === undefined) continue;
    const { schema, count, sum } = one;
    const known = one.resetHint !== 'unknown' || before === undefined;
    const found = before !== undefined && detectReset(one, before) ? 'reset' : 'not_reset';
    reduced[i] = createHistogram({ schema, count, sum, resetHint: known ? one.resetHint : found });
    before = one;
  }
  return { ...series, histograms: reduced };
}

/**
 * On the line between two histograms, `share` of the way. A counter that began anew between them counts from zero, and
 * `carried` on top of what it had before.
 */
export function interpolateHistograms(
  before: Histogram,
  after: Histogram,
  share: number,
  reset: 'none' | 'from-zero' | 'carried',
): Histogram | 'incompatible' {
  if (reset === 'from-zero') return scaleHistogram(after, share);
  const sum = new HistogramSum(before, reset === 'carried' ? 1 : 1 - share);
  return sum.add(after, share) === 'incompatible' ? 'incompatible' : sum.toHistogram();
}

export type SmoothingTrouble = 'mixed' | 'incompatible';

/**
 * `readSmoothed` for a series with histograms. `trouble` is told of steps that have no value because floats and
 * histograms, or exponential and custom buckets, would have to be joined.
 */
export function readSmoothedGeneral(
  series: SeriesColumns,
  lookups: Lookups,
  out: GeneralColumn,
  trouble: (what: SmoothingTrouble) => void,
): boolean {
  const { first, step, lookback } = lookups;
  const last = first + step * (out.present.length - 1);
  const range = readRangeGeneral(series, first - lookback, last + lookback, false);
  let any = false;
  for (let k = 0; k < out.present.length; k++) {
    const value = smoothedAt(range, first + k * step, lookback);
    if (typeof value === 'string') trouble(value);
    else if (storeSample(out, k, value)) any = true;
  }
  return any;
}

function smoothedAt(
  { timestamps, values, histograms, from, to }: RangeSeries,
  time: number,
  lookback: number,
): SampleValue | SmoothingTrouble | undefined {
  const oldest = firstAfter(timestamps, from, to, time - lookback);
  const newest = firstAfter(timestamps, oldest, to, time + lookback);
  const next = firstAfter(timestamps, oldest, newest, time);
  const at = next - 1;
  if (at < oldest) return undefined;
  const kinds = new Set<boolean>();
  for (let i = oldest; i < newest; i++) kinds.add(histograms?.[i] === undefined);
  if (kinds.size > 1) return 'mixed';
  const [before, after] = [histograms?.[at], histograms?.[next]];
  if (next >= newest || timestamps[at] === time) return before ?? values[at];
  const share = (time - timestamps[at]) / (timestamps[next] - timestamps[at]);
  if (before === undefined || after === undefined) return values[at] + (values[next] - values[at]) * share;
  const counter = before.resetHint !== 'gauge' && after.resetHint !== 'gauge';
  if (
    before.schema !== after.schema &&
    interpolateHistograms(before, after, share, 'none') === 'incompatible'
  )
    return 'incompatible';
  const reset = counter && detectReset(after, before);
  return interpolateHistograms(before, after, share, reset ? 'from-zero' : 'none');
}
