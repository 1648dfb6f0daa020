import type { RangeSeries } from '../eval/value.ts';
import type { EdgeFunction, Edges } from './edges.ts';
import { interpolate } from './edges.ts';

export interface Extrapolation {
  /** Drops are resets, and the start is never extended below zero. */
  readonly counter: boolean;
  /** Per second. */
  readonly perSecond: boolean;
}

/** The difference between the edges themselves: nothing is left to extrapolate. */
export function betweenEdges(
  series: RangeSeries,
  edges: Edges,
  mode: Extrapolation,
  range: number,
): EdgeFunction {
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

/**
 * How far (ms) the samples are taken to extend towards an edge `gap` away: all of it when that is less than 1.1
 * average intervals, else half an interval; never beyond `limit`, where a counter would be below zero.
 */
export function reach(sampled: number, count: number, gap: number, limit: number): number {
  const average = sampled / (count - 1);
  return Math.min(gap >= average * 1.1 ? average / 2 : gap, limit);
}

/** A window's samples as the extrapolation sees them; times in ms. */
export interface Extent {
  readonly firstTime: number;
  readonly lastTime: number;
  /** Distances between samples: one less than there are. */
  readonly intervals: number;
  readonly open: number;
  readonly end: number;
  /** The first value as a share of the increase: how many sampled intervals before it a counter was zero. */
  readonly zeroShare: number;
  /** When the counting of the first sample began, where that lies in the window: nothing is extended before it. */
  readonly start: number | undefined;
}

/** By how much the difference over the samples grows when it is extended to the edges of the window. */
export function extrapolationFactor(extent: Extent): number {
  const { firstTime, lastTime, intervals, open, end, zeroShare, start } = extent;
  const between = lastTime - firstTime;
  const sampled = lastTime - (start ?? firstTime);
  const atEnd = intervals === 0 ? 0 : reach(between, intervals + 1, end - lastTime, Number.POSITIVE_INFINITY);
  const atStart =
    start === undefined ? reach(between, intervals + 1, firstTime - open, between * zeroShare) : 0;
  return (sampled + atStart + atEnd) / sampled;
}
