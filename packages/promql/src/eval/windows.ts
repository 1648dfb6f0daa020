import type { PlacedWindows } from './placed-windows.ts';
import { firstAfter } from './select.ts';
import type { Column, GeneralColumn, RangeSeries, SampleValue, Windows } from './value.ts';
import { storeSample } from './value.ts';

/**
 * A range function over one window: the samples `[from, to)`, at least as many as it asked for. `end` is the
 * window's right edge in ms, `step` its index. NaN is a value; absence is decided by the number of samples alone.
 */
export type WindowFunction = (
  series: RangeSeries,
  from: number,
  to: number,
  end: number,
  step: number,
) => number;

/**
 * Slides the windows over a series with two pointers that only move right: no search, slice or allocation
 * per step.
 *
 *   samples   . .  . . .|. .  . . . .|. .
 *                  from ^            ^ to        (end - range, end]
 *
 * Answers whether any window had `fewest` samples.
 */
export function slide(
  series: RangeSeries,
  windows: Windows,
  fewest: number,
  compute: WindowFunction,
  out: Column,
): boolean {
  if (series.placed !== undefined)
    return slidePlaced(series, series.placed, { windows, fewest, compute }, out);
  const { timestamps } = series;
  const last = series.to;
  let from = firstAfter(timestamps, series.from, last, windows.end - windows.range);
  let to = firstAfter(timestamps, from, last, windows.end);
  let any = false;
  for (let k = 0; k < windows.count; k++) {
    const end = windows.end + k * windows.step;
    const open = end - windows.range;
    while (to < last && timestamps[to] <= end) to++;
    while (from < to && timestamps[from] <= open) from++;
    if (to - from < fewest) continue;
    out.values[k] = compute(series, from, to, end, k);
    out.present[k] = 1;
    any = true;
  }
  return any;
}

interface Slide {
  readonly windows: Windows;
  readonly fewest: number;
  readonly compute: WindowFunction;
}

/** The same where it is known already which samples each window has. */
function slidePlaced(
  series: RangeSeries,
  { first, end }: PlacedWindows,
  { windows, fewest, compute }: Slide,
  out: Column,
): boolean {
  let any = false;
  for (let k = 0; k < windows.count; k++) {
    if (end[k] - first[k] < fewest) continue;
    out.values[k] = compute(series, first[k], end[k], windows.end + k * windows.step, k);
    out.present[k] = 1;
    any = true;
  }
  return any;
}

/** The samples `[first, last)` of window k. */
export function windowBounds(
  timestamps: Float64Array,
  from: number,
  to: number,
  windows: Windows,
  k: number,
): readonly [first: number, last: number] {
  const end = windows.end + k * windows.step;
  const first = firstAfter(timestamps, from, to, end - windows.range);
  return [first, firstAfter(timestamps, first, to, end)];
}

/** A window function that may answer a histogram, or nothing. */
export type GeneralWindowFunction = (
  series: RangeSeries,
  from: number,
  to: number,
  end: number,
  step: number,
) => SampleValue | undefined;

/** `slide` for samples of either kind: by search, since what is done with a histogram costs far more. */
export function slideGeneral(
  series: RangeSeries,
  windows: Windows,
  fewest: number,
  compute: GeneralWindowFunction,
  out: GeneralColumn,
): boolean {
  let any = false;
  for (let k = 0; k < windows.count; k++) {
    const [from, to] = windowBounds(series.timestamps, series.from, series.to, windows, k);
    if (to - from < fewest) continue;
    if (storeSample(out, k, compute(series, from, to, windows.end + k * windows.step, k))) any = true;
  }
  return any;
}
