import { SAMPLE_FIELDS } from '../downsample/buckets.ts';
import type { BucketKernel } from '../downsample/kernels.ts';
import { BUCKET_KERNELS } from '../downsample/kernels.ts';
import type { Expr, MatrixSelector, VectorSelector } from '../parse/ast.ts';
import { children, unwrapParens } from '../parse/ast.ts';
import type { Grid } from '../result.ts';
import type { DownsampleRequest } from '../storage.ts';
import { innerGrid, milliseconds, selectorTimes } from './grids.ts';
import type { Around } from './selections.ts';
import { hintsOf } from './selections.ts';

export interface DownsampleSettings {
  readonly lookbackMs: number;
  readonly subqueryStepMs: number;
  readonly invariants: ReadonlySet<Expr>;
  /** Subtrees the storage has computed already. */
  readonly skip: ReadonlySet<Expr>;
  /** Start times decide over resets: only samples carry them. */
  readonly starts: boolean;
}

/**
 * The selectors of a resolved tree whose samples buckets may stand for, with the question to ask. Not `smoothed` and `anchored`
 * ones, and not those whose own times or start times are the answer.
 */
export function findDownsamples(
  expr: Expr,
  grid: Grid,
  settings: DownsampleSettings,
): ReadonlyMap<VectorSelector, DownsampleRequest> {
  const found = new Map<VectorSelector, DownsampleRequest>();
  const add = (node: VectorSelector, matrix: MatrixSelector | undefined, on: Grid, around: Around): void => {
    if (node.smoothed || (matrix !== undefined && matrix.edges !== 'plain')) return;
    if (around?.kind === 'call' && (around.func === 'info' || around.func === 'start_timestamp')) return;
    found.set(node, requestOf(node, { matrix, on, around, settings }));
  };
  const visit = (node: Expr, outer: Grid, around: Around): void => {
    if (settings.skip.has(node)) return;
    const on = settings.invariants.has(node) ? { ...outer, count: 1 } : outer;
    if (node.kind === 'vector') return add(node, undefined, on, around);
    if (node.kind === 'matrix') return add(node.vector, node, on, around);
    const inner = node.kind === 'subquery' ? innerGrid(node, on, settings.subqueryStepMs) : on;
    if (inner.count === 0) return;
    for (const child of children(node)) {
      const direct = node.kind === 'paren' ? around : undefined;
      visit(child, inner, node.kind === 'call' || node.kind === 'aggregate' ? node : direct);
    }
  };
  visit(expr, grid, undefined);
  return found;
}

interface Place {
  readonly matrix: MatrixSelector | undefined;
  readonly on: Grid;
  readonly around: Around;
  readonly settings: DownsampleSettings;
}

function requestOf(node: VectorSelector, { matrix, on, around, settings }: Place): DownsampleRequest {
  const { first, step } = selectorTimes(node, on);
  const kernel = matrix === undefined ? undefined : kernelFor(matrix, around);
  const range = matrix === undefined ? settings.lookbackMs : milliseconds(matrix.range);
  const end = first + step * (on.count - 1);
  return {
    matchers: node.matchers,
    startExclusive: first - range,
    end,
    hints: hintsOf(on, matrix === undefined ? 0 : range, around, settings.starts),
    windows: { first, step, count: on.count, range },
    exact: !settings.starts && (matrix === undefined || kernel !== undefined),
    instant: matrix === undefined,
    fields: kernel === undefined ? SAMPLE_FIELDS : ['ends', 'count', ...kernel.reads],
  };
}

/** With what buckets answer the function around a range selector, if they can. */
function kernelFor(matrix: MatrixSelector, around: Around): BucketKernel | undefined {
  const [argument] = around?.kind === 'call' ? around.args : [];
  if (argument === undefined || around?.kind !== 'call' || unwrapParens(argument) !== matrix)
    return undefined;
  return BUCKET_KERNELS.get(around.func);
}
