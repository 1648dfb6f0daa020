import { METRIC_LABELS } from '../eval/names.ts';
import { METRIC_NAME } from '../labels.ts';
import type { Aggregate, Expr, MatrixSelector, VectorSelector } from '../parse/ast.ts';
import { children, unwrapParens } from '../parse/ast.ts';
import type { FunctionName } from '../parse/signatures.ts';
import type { AggregatorName } from '../parse/tokens.ts';
import type { Grid } from '../result.ts';
import type { PushdownRequest } from '../storage.ts';
import { innerGrid, milliseconds } from './grids.ts';

const AGGREGATIONS: ReadonlyMap<AggregatorName, PushdownRequest['aggregation']> = new Map([
  ['sum', 'sum'],
  ['min', 'min'],
  ['max', 'max'],
  ['count', 'count'],
  ['avg', 'avg'],
  ['group', 'group'],
]);

type PushedFunction = NonNullable<PushdownRequest['func']>;

const FUNCTIONS: ReadonlyMap<FunctionName, PushedFunction> = new Map<FunctionName, PushedFunction>([
  ['rate', 'rate'],
  ['increase', 'increase'],
  ['delta', 'delta'],
  ['sum_over_time', 'sum_over_time'],
  ['count_over_time', 'count_over_time'],
  ['min_over_time', 'min_over_time'],
  ['max_over_time', 'max_over_time'],
  ['avg_over_time', 'avg_over_time'],
  ['last_over_time', 'last_over_time'],
]);

export interface PushdownSettings {
  readonly lookbackMs: number;
  readonly subqueryStepMs: number;
  readonly invariants: ReadonlySet<Expr>;
  readonly delayedNameRemoval: boolean;
}

/**
 * The aggregations of a resolved tree that the storage may compute, with the question to ask it. Only shapes
 * whose answer cannot differ: no `@`, plain edges, one metric by name (so that dropping names cannot make equal
 * label sets), names not in the grouping.
 */
export function findPushdowns(
  expr: Expr,
  grid: Grid,
  settings: PushdownSettings,
): ReadonlyMap<Aggregate, PushdownRequest> {
  const found = new Map<Aggregate, PushdownRequest>();
  if (settings.delayedNameRemoval) return found;
  const visit = (node: Expr, outer: Grid): void => {
    const on = settings.invariants.has(node) ? { ...outer, count: 1 } : outer;
    if (node.kind === 'aggregate') {
      const request = pushdownOf(node, on, settings.lookbackMs);
      if (request !== undefined) {
        found.set(node, request);
        return;
      }
    }
    const inner = node.kind === 'subquery' ? innerGrid(node, on, settings.subqueryStepMs) : on;
    if (inner.count > 0) for (const child of children(node)) visit(child, inner);
  };
  visit(expr, grid);
  return found;
}

function pushdownOf(node: Aggregate, grid: Grid, lookback: number): PushdownRequest | undefined {
  const aggregation = AGGREGATIONS.get(node.op);
  if (aggregation === undefined || node.grouping.some((name) => METRIC_LABELS.has(name))) return undefined;
  const source = sourceOf(node.expr);
  if (source === undefined) return undefined;
  const { selector, func, range } = source;
  if (selector.at !== undefined || selector.smoothed || !isPinned(selector)) return undefined;
  return {
    matchers: selector.matchers,
    func,
    range,
    offset: milliseconds(selector.offset),
    lookback,
    aggregation,
    by: !node.without,
    grouping: node.grouping,
    start: grid.start,
    end: grid.start + grid.step * (grid.count - 1),
    step: grid.step,
  };
}

interface Source {
  readonly selector: VectorSelector;
  readonly func: PushedFunction | undefined;
  readonly range: number;
}

function sourceOf(expr: Expr): Source | undefined {
  const inner = unwrapParens(expr);
  if (inner.kind === 'vector') return { selector: inner, func: undefined, range: 0 };
  const matrix = pushableRange(inner);
  if (matrix === undefined) return undefined;
  return { selector: matrix.matrix.vector, func: matrix.func, range: milliseconds(matrix.matrix.range) };
}

function pushableRange(expr: Expr): { func: PushedFunction; matrix: MatrixSelector } | undefined {
  if (expr.kind !== 'call') return undefined;
  const func = FUNCTIONS.get(expr.func);
  const argument = expr.args[0];
  if (func === undefined || argument === undefined) return undefined;
  const matrix = unwrapParens(argument);
  return matrix.kind === 'matrix' && matrix.edges === 'plain' ? { func, matrix } : undefined;
}

function isPinned(selector: VectorSelector): boolean {
  return selector.matchers.some((matcher) => matcher.name === METRIC_NAME && matcher.op === '=');
}
