import { withResetHint } from '../histogram/histogram.ts';
import type { Grid } from '../result.ts';
import { isStaleMarker } from '../storage.ts';
import type { HistogramColumn, RangeSeries, Series, Value, VectorValue } from './value.ts';
import { vectorOf } from './value.ts';

/** A pinned expression's only step, at every step. */
export function repeat(value: Value, count: number): Value {
  if (value.type === 'scalar')
    return { type: 'scalar', values: new Float64Array(count).fill(value.values[0] ?? Number.NaN) };
  if (value.type !== 'vector') return value;
  const series = value.series
    .filter((one) => one.present[0] === 1)
    .map((one) => ({
      ...one,
      values: new Float64Array(count).fill(one.values[0] ?? Number.NaN),
      present: new Uint8Array(count).fill(1),
      histograms: one.histograms && Array.from({ length: count }, () => one.histograms?.[0]),
    }));
  return vectorOf(series, value.namesPinned);
}

/** The present points of a grid series as samples. */
export function asRange(series: Series, grid: Grid): RangeSeries {
  if (series.histograms !== undefined) return asGeneralRange(series, series.histograms, grid);
  const timestamps = new Float64Array(grid.count);
  const values = new Float64Array(grid.count);
  let at = 0;
  for (let k = 0; k < grid.count; k++) {
    const value = series.values[k] ?? Number.NaN;
    if (series.present[k] === 0 || isStaleMarker(value)) continue;
    timestamps[at] = grid.start + k * grid.step;
    values[at] = value;
    at++;
  }
  return { labels: series.labels, dropName: series.dropName, timestamps, values, from: 0, to: at };
}

/**
 * The same with histograms among them. What a hint says of a reset was said of the sample before, which the steps may have
 * left out or shown twice: it is forgotten.
 */
function asGeneralRange(series: Series, histograms: HistogramColumn, grid: Grid): RangeSeries {
  const { labels, dropName, present, values } = series;
  const places: number[] = [];
  for (let k = 0; k < grid.count; k++) if (present[k] === 1) places.push(k);
  return {
    labels,
    dropName,
    timestamps: Float64Array.from(places, (k) => grid.start + k * grid.step),
    values: Float64Array.from(places, (k) => values[k]),
    from: 0,
    to: places.length,
    histograms: places.map((k) => {
      const one = histograms[k];
      return one === undefined || one.resetHint === 'gauge' ? one : withResetHint(one, 'unknown');
    }),
  };
}

export function stampSteps(vector: VectorValue, grid: Grid): VectorValue {
  const times = Float64Array.from({ length: grid.count }, (_, k) => (grid.start + k * grid.step) / 1000);
  return vectorOf(
    vector.series.map(({ labels, dropName: drops, present }) => ({
      labels,
      dropName: drops,
      present,
      values: times,
    })),
    vector.namesPinned,
  );
}
