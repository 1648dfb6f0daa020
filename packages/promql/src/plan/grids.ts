import type { Windows } from '../eval/value.ts';
import type { Duration, MatrixSelector, Subquery, TimeModifiers, VectorSelector } from '../parse/ast.ts';
import type { Grid } from '../result.ts';

/** The query's grid and the end it asked for, which need not be a step. */
export interface PlanGrid extends Grid {
  readonly end: number;
}

/** A duration of a resolved plan: the resolver has turned every expression into ms. */
export function milliseconds(duration: Duration): number {
  if (typeof duration !== 'number') throw new TypeError('duration expression left in a plan');
  return duration;
}

/** The times a selector looks at, one per step of the grid; with `@` the same one at every step. */
export function selectorTimes(node: TimeModifiers, grid: Grid): { first: number; step: number } {
  const offset = milliseconds(node.offset);
  if (node.at === undefined) return { first: grid.start - offset, step: grid.step };
  if (node.at.kind !== 'time') throw new TypeError('@ start() or end() left in a plan');
  return { first: node.at.ms - offset, step: 0 };
}

/** First and last time a selector looks at. */
export function timeSpan(node: TimeModifiers, grid: Grid): { first: number; last: number } {
  const { first, step } = selectorTimes(node, grid);
  return { first, last: first + step * (grid.count - 1) };
}

export function windowsOf(node: MatrixSelector | Subquery, grid: Grid): Windows {
  const times: TimeModifiers | VectorSelector = node.kind === 'matrix' ? node.vector : node;
  const { first, step } = selectorTimes(times, grid);
  return { end: first, step, count: grid.count, range: milliseconds(node.range) };
}

/**
 * The grid a subquery's inner expression is evaluated on: absolute multiples of its step, over the union of
 * all its windows (left-open).
 */
export function innerGrid(node: Subquery, grid: Grid, defaultStepMs: number): Grid {
  const step = milliseconds(node.step) || defaultStepMs;
  const { first, last } = timeSpan(node, grid);
  const open = first - milliseconds(node.range);
  const start = (Math.floor(open / step) + 1) * step;
  return { start, step, count: Math.max(0, Math.floor((last - start) / step) + 1) };
}

/** How far beyond its window a range selector looks: one lookback for the sample its edges are read from. */
export function reachOf(
  edges: MatrixSelector['edges'],
  lookbackMs: number,
): { before: number; after: number } {
  return {
    before: edges === 'plain' ? 0 : lookbackMs,
    after: edges === 'smoothed' ? lookbackMs : 0,
  };
}
