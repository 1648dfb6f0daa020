/**
 * What a sibling language shares with PromQL: vectors on a grid, operators between them, aggregations over groups and
 * functions over windows, none of which knows a query's text. LogQL evaluates with these.
 */

import { AGGREGATIONS } from './aggregations/registry.ts';
import type { AggregationInput } from './aggregations/types.ts';
import type { Groups } from './eval/aggregate.ts';
import { Annotations } from './eval/annotations.ts';
import { scalarPair, vectorScalar } from './eval/binary/scalars.ts';
import { combineSets } from './eval/binary/sets.ts';
import { combineVectors } from './eval/binary/vectors.ts';
import type { Budget } from './eval/budget.ts';
import type { EvalContext } from './eval/context.ts';
import { runKernel } from './eval/long-windows.ts';
import type { Column, RangeSeries, ScalarValue, VectorValue, Windows } from './eval/value.ts';
import { FUNCTIONS } from './functions/registry.ts';
import type { Binary, NumberLiteral } from './parse/ast.ts';
import { isSetOperator } from './parse/ast.ts';
import type { AggregatorName } from './parse/tokens.ts';
import type { Grid } from './result.ts';

export type { Groups } from './eval/aggregate.ts';
export type { Dialect } from './eval/binary/operators.ts';
export type { BudgetSettings } from './eval/budget.ts';
export { Budget } from './eval/budget.ts';
export { mergeEqualLabels } from './eval/names.ts';
export type { Column, RangeSeries, ScalarValue, Series, VectorValue, Windows } from './eval/value.ts';
export { anyPresent, ColumnPool, vectorOf } from './eval/value.ts';
export { expandTemplate } from './functions/template.ts';
export type { BinaryOperator, VectorMatching } from './parse/ast.ts';
export { plainPattern } from './pattern.ts';
export { formatGeneral } from './text/format-value.ts';
export { quote, unescape } from './text/quote.ts';

/** What the operators of one query share: what it may still use, and where its language is not PromQL. */
export interface VectorScope {
  readonly budget: Budget;
  readonly dialect?: EvalContext['dialect'];
}

/** The text is not ours to point into: annotations are dropped. */
function contextOf({ budget, dialect }: VectorScope): EvalContext {
  return {
    text: '',
    annotations: new Annotations(''),
    budget,
    options: {},
    query: { start: 0, end: 0, step: 1, count: 1 },
    lookbackMs: 0,
    dialect,
  };
}

const NOWHERE: NumberLiteral = { kind: 'number', value: 0, asDuration: false, span: { start: 0, end: 0 } };

export type OperatorNode = Pick<Binary, 'op' | 'returnBool' | 'matching'>;

/** A binary operator between two vectors, two scalars or one of each. Rejects with a QueryError where matching fails. */
export async function combine(
  scope: VectorScope,
  operator: OperatorNode,
  left: VectorValue | ScalarValue,
  right: VectorValue | ScalarValue,
): Promise<VectorValue | ScalarValue> {
  const context = contextOf(scope);
  const node: Binary = { kind: 'binary', ...operator, left: NOWHERE, right: NOWHERE, span: NOWHERE.span };
  if (left.type === 'scalar')
    return right.type === 'scalar'
      ? scalarPair(node, left, right, scope.dialect)
      : vectorScalar(context, node, right, left.values, true);
  if (right.type === 'scalar') return vectorScalar(context, node, left, right.values, false);
  return isSetOperator(node.op)
    ? combineSets(context, node, left, right)
    : combineVectors(context, node, left, right);
}

export interface AggregateInput {
  readonly op: AggregatorName;
  readonly grid: Grid;
  readonly vector: VectorValue;
  readonly groups: Groups;
  /** The parameter of `topk` and its like. */
  readonly param?: number | undefined;
}

/** One vector aggregated by groups that were already made. */
export async function aggregate(scope: VectorScope, input: AggregateInput): Promise<VectorValue> {
  const { op, grid, vector, groups, param } = input;
  const full: AggregationInput = {
    context: contextOf(scope),
    node: {
      kind: 'aggregate',
      op,
      expr: NOWHERE,
      param: undefined,
      grouping: [],
      without: false,
      span: NOWHERE.span,
    },
    grid,
    vector,
    groups,
    param:
      param === undefined ? undefined : { type: 'scalar', values: new Float64Array(grid.count).fill(param) },
  };
  return AGGREGATIONS[op](full);
}

export type OverTimeName =
  | 'sum_over_time'
  | 'avg_over_time'
  | 'min_over_time'
  | 'max_over_time'
  | 'first_over_time'
  | 'last_over_time'
  | 'stddev_over_time'
  | 'stdvar_over_time'
  | 'quantile_over_time'
  | 'increase';

/** The samples of a vector of one step by value, NaN last. */
export async function sortByValue(
  scope: VectorScope,
  vector: VectorValue,
  order: 'sort' | 'sort_desc',
): Promise<VectorValue> {
  const implementation = FUNCTIONS[order];
  if (implementation.kind !== 'whole') throw new TypeError(`${order} is no function of vectors`);
  const sorted = await implementation.evaluate({
    context: contextOf(scope),
    call: { kind: 'call', func: order, args: [], span: NOWHERE.span },
    grid: { start: 0, step: 1, count: 1 },
    args: [vector],
  });
  if (sorted.type !== 'vector') throw new TypeError(`${order} answered no vector`);
  return sorted;
}

export interface OverTimeInput {
  readonly series: RangeSeries;
  readonly windows: Windows;
  readonly out: Column;
  /** The quantile. */
  readonly param?: number | undefined;
}

/**
 * Slides windows over the samples of one series; answers whether any window has a value. Times are in any unit, the same
 * for samples and windows. What would take long lets others run, and answers later.
 */
export function overTime(
  scope: VectorScope,
  name: OverTimeName,
  { series, windows, out, param = 0 }: OverTimeInput,
): boolean | Promise<boolean> {
  const implementation = FUNCTIONS[name];
  if (implementation.kind !== 'range') throw new TypeError(`${name} is no function of windows`);
  const input = {
    context: contextOf(scope),
    call: { kind: 'call', func: name, args: [], span: NOWHERE.span },
    grid: { start: windows.end, step: windows.step, count: windows.count },
    matrix: { type: 'matrix', series: [series], windows, namesPinned: true },
    scalars: [new Float64Array(windows.count).fill(param)],
  } as const;
  return runKernel({ implementation, windows, input }, series, out);
}
