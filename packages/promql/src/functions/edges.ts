import { firstAfter } from '../eval/select.ts';
import type { Column, GeneralColumn, RangeSeries, SampleValue, Windows } from '../eval/value.ts';
import { storeSample } from '../eval/value.ts';
import { unwrapParens } from '../parse/ast.ts';
import type { RangeInput } from './types.ts';

/** A window whose edges are read from the samples around it: `[first, last]`, both included. */
export type EdgeFunction = (first: number, last: number, open: number, end: number) => number;

/** The edge modifier of a call's range selector, with how far it may look beyond the window. */
export interface Edges {
  readonly smoothed: boolean;
  readonly lookback: number;
}

/** Undefined for a plain selector. */
export function edgesOf({ call, context }: RangeInput): Edges | undefined {
  const [argument] = call.args;
  const matrix = argument === undefined ? undefined : unwrapParens(argument);
  if (matrix?.kind !== 'matrix' || matrix.edges === 'plain') return undefined;
  return { smoothed: matrix.edges === 'smoothed', lookback: context.lookbackMs };
}

/**
 * Windows of `anchored` and `smoothed` selectors (experimental):
 *
 *     anchored   . [.    |  .   .  .]   |         from the last sample at or before the left edge
 *     smoothed   . [.    |  .   .  .    | .]      and to the first one at or after the right edge
 *
 * Nothing where all samples lie on one side of the window.
 */
export function slideEdges(
  series: RangeSeries,
  windows: Windows,
  edges: Edges,
  compute: EdgeFunction,
  out: Column,
): boolean {
  let any = false;
  for (let k = 0; k < windows.count; k++) {
    const end = windows.end + k * windows.step;
    const open = end - windows.range;
    const found = edgeSamples(series, edges, open, end);
    if (found === undefined) continue;
    out.values[k] = compute(found.first, found.last, open, end);
    out.present[k] = 1;
    any = true;
  }
  return any;
}

/** `slideEdges` for samples of either kind. */
export function slideEdgesGeneral(
  series: RangeSeries,
  windows: Windows,
  edges: Edges,
  compute: (first: number, last: number, open: number, end: number) => SampleValue | undefined,
  out: GeneralColumn,
): boolean {
  let any = false;
  for (let k = 0; k < windows.count; k++) {
    const end = windows.end + k * windows.step;
    const open = end - windows.range;
    const found = edgeSamples(series, edges, open, end);
    if (found === undefined) continue;
    if (storeSample(out, k, compute(found.first, found.last, open, end))) any = true;
  }
  return any;
}

function edgeSamples(
  { timestamps, from: begin, to: stop }: RangeSeries,
  edges: Edges,
  open: number,
  end: number,
): { first: number; last: number } | undefined {
  const from = firstAfter(timestamps, begin, stop, open - edges.lookback);
  const seen = end + (edges.smoothed ? edges.lookback : 0);
  const to = firstAfter(timestamps, from, stop, seen);
  if (from === to) return undefined;
  const first = Math.max(from, firstAfter(timestamps, from, to, open) - 1);
  let last = to - 1;
  // Times are whole ms: the first sample at or after `end` is the first one after the ms before it.
  if (edges.smoothed) last = Math.min(last, firstAfter(timestamps, from, to, end - 1));
  return timestamps[last] <= open || timestamps[first] > end ? undefined : { first, last };
}

/** The line between neighbours i and i+1 at a time; a counter's reset happened right after the left edge or right before the right one. */
export function interpolate(
  { timestamps, values }: RangeSeries,
  i: number,
  time: number,
  reset: 'ignored' | 'left' | 'right',
): number {
  let before = values[i];
  let after = values[i + 1];
  if (reset !== 'ignored' && after < before) {
    if (reset === 'left') before = 0;
    else after += before;
  }
  return before + ((after - before) * (time - timestamps[i])) / (timestamps[i + 1] - timestamps[i]);
}
