import { firstAfter } from '../eval/select.ts';
import type { Column, RangeSeries, Windows } from '../eval/value.ts';
import type { EdgeFunction, Edges } from './edges.ts';
import { edgesOf, interpolate, slideEdges } from './edges.ts';
import type { RangeFunction, RangeInput } from './types.ts';

export interface Extrapolation {
  /** Drops are resets, and the start is never extended below zero. */
  readonly counter: boolean;
  /** Per second. */
  readonly perSecond: boolean;
}

const NO_DROPS = new Int32Array(0);

/**
 * `rate`, `increase` and `delta`: the difference over the samples, extended to the edges of the window where the
 * series plausibly reaches them (compat §7: within 1.1 average intervals, else by half an interval).
 */
export function extrapolated(mode: Extrapolation): RangeFunction {
  return {
    kind: 'range',
    kernel(series, windows, out, input) {
      const edges = edgesOf(input);
      if (edges === undefined) return extrapolate(series, windows, out, mode);
      const difference = betweenEdges(series, edges, mode, windows.range);
      return slideEdges(series, windows, edges, difference, out);
    },
    ...(mode.counter ? { inspect: askForCounterName } : {}),
  };
}

/** The difference between the edges themselves: nothing is left to extrapolate. */
function betweenEdges(series: RangeSeries, edges: Edges, mode: Extrapolation, range: number): EdgeFunction {
  const { timestamps, values } = series;
  return (first, last, open, end) => {
    const atLeft = edges.smoothed && timestamps[first] < open;
    const atRight = edges.smoothed && last > first && timestamps[last] > end;
    const left = atLeft ? interpolate(series, first, open, mode.counter ? 'left' : 'ignored') : values[first];
    // Both edges between the same two samples lie on one line: the one after the reset.
    const rightReset = atLeft && last === first + 1 ? 'left' : 'right';
    const right = atRight
      ? interpolate(series, last - 1, end, mode.counter ? rightReset : 'ignored')
      : values[last];
    let result = right - left;
    if (mode.counter) {
      let before = left;
      for (let i = first + 1; i < last; i++) {
        if (values[i] < before) result += before;
        before = values[i];
      }
      if (right < before) result += before;
    }
    return mode.perSecond ? result / (range / 1000) : result;
  };
}

/** Two pointers as in `slide`, in a loop of its own: this is the function most queries spend their time in. */
function extrapolate(series: RangeSeries, windows: Windows, out: Column, mode: Extrapolation): boolean {
  const { timestamps, values, to: last } = series;
  const drops = mode.counter ? findDrops(series) : NO_DROPS;
  let nextDrop = 0;
  let from = firstAfter(timestamps, series.from, last, windows.end - windows.range);
  let to = from;
  let any = false;
  for (let k = 0; k < windows.count; k++) {
    const end = windows.end + k * windows.step;
    const open = end - windows.range;
    while (to < last && timestamps[to] <= end) to++;
    while (from < to && timestamps[from] <= open) from++;
    if (to - from < 2) continue;
    let result = values[to - 1] - values[from];
    while (nextDrop < drops.length && drops[nextDrop] <= from) nextDrop++;
    for (let d = nextDrop; d < drops.length && drops[d] < to; d++) result += values[drops[d] - 1];
    const toStart = timestamps[from] - open;
    const toEnd = end - timestamps[to - 1];
    const sampled = timestamps[to - 1] - timestamps[from];
    const zeroAt =
      mode.counter && result > 0 && values[from] >= 0 ? sampled * (values[from] / result) : Infinity;
    const factor =
      (sampled + reach(sampled, to - from, toStart, zeroAt) + reach(sampled, to - from, toEnd, Infinity)) /
      sampled;
    out.values[k] = result * (mode.perSecond ? factor / (windows.range / 1000) : factor);
    out.present[k] = 1;
    any = true;
  }
  return any;
}

/**
 * How far (ms) the samples are taken to extend towards an edge `gap` away: all of it when that is less than 1.1
 * average intervals, else half an interval; never beyond `limit`, where a counter would be below zero.
 */
function reach(sampled: number, count: number, gap: number, limit: number): number {
  const average = sampled / (count - 1);
  return Math.min(gap >= average * 1.1 ? average / 2 : gap, limit);
}

/** Indices of samples smaller than the one before. */
function findDrops({ values, from, to, rising }: RangeSeries): Int32Array {
  if (rising === true) return NO_DROPS;
  let drops: number[] | undefined;
  for (let i = from + 1; i < to; i++) {
    if (values[i] < values[i - 1]) {
      drops ??= [];
      drops.push(i);
    }
  }
  return drops === undefined ? NO_DROPS : Int32Array.from(drops);
}

function askForCounterName(series: RangeSeries, { context, call }: RangeInput): void {
  context.annotations.possibleNonCounter(call.args[0]?.span ?? call.span, series.labels.metricName);
}
