import { Labels, QueryError } from '@pharos/promql';
import type { ScalarValue, Series, VectorValue } from '@pharos/promql/vectors';
import {
  aggregate,
  combine,
  expandTemplate,
  mergeEqualLabels,
  sortByValue,
  vectorOf,
} from '@pharos/promql/vectors';
import { RE2JS } from 're2js';
import type { LabelReplace, MetricExpr, RangeAggregation, VectorAggregation } from '../parse/ast.ts';
import { summedRange } from '../plan/plan.ts';
import type { CountWindows } from '../storage.ts';
import type { EvalContext } from './context.ts';
import { groupVector, withLabel } from './grouping.ts';
import { evaluateRange } from './ranges.ts';

/** The steps of a query; times in ns. */
export interface Steps {
  readonly start: bigint;
  readonly stepNs: number;
  readonly count: number;
  /** An instant query: samples have an order. */
  readonly instant: boolean;
}

type Value = VectorValue | ScalarValue;

/** Evaluates a metric expression bottom up: every node becomes whole series over all steps. */
export async function evaluate(context: EvalContext, expr: MetricExpr, steps: Steps): Promise<Value> {
  switch (expr.kind) {
    case 'number':
      return { type: 'scalar', values: new Float64Array(steps.count).fill(expr.value) };
    case 'vector': {
      const values = new Float64Array(steps.count).fill(expr.value);
      const present = new Uint8Array(steps.count).fill(1);
      return vectorOf([{ labels: Labels.EMPTY, dropName: false, values, present }], true);
    }
    case 'range':
      return evaluateRange(context, expr, windowsOf(expr, steps));
    case 'aggregate':
      return evaluateAggregation(context, expr, steps);
    case 'label_replace':
      return replaceLabels(context, expr, await evaluateVector(context, expr.expr, steps));
    case 'binary': {
      const left = await evaluate(context, expr.left, steps);
      const right = await evaluate(context, expr.right, steps);
      return combine(context, expr, left, right);
    }
  }
}

async function evaluateVector(context: EvalContext, expr: MetricExpr, steps: Steps): Promise<VectorValue> {
  const value = await evaluate(context, expr, steps);
  if (value.type !== 'vector') throw new TypeError('expected a vector, got a number');
  return value;
}

function windowsOf({ rangeNs, offsetNs }: RangeAggregation, { start, stepNs, count }: Steps): CountWindows {
  return { end: start - BigInt(Math.round(offsetNs)), stepNs, rangeNs, count };
}

/** Aggregations whose answer depends on the order of series with equal values. */
const BREAKS_TIES: ReadonlySet<VectorAggregation['op']> = new Set([
  'topk',
  'bottomk',
  'approx_topk',
  'sort',
  'sort_desc',
]);

/** In an order that no storage decides about: the same question has the same answer every time. */
function byLabels(vector: VectorValue): VectorValue {
  const series = [...vector.series].sort((a, b) =>
    a.labels.key < b.labels.key ? -1 : a.labels.key > b.labels.key ? 1 : 0,
  );
  return { ...vector, series };
}

async function evaluateAggregation(
  context: EvalContext,
  node: VectorAggregation,
  steps: Steps,
): Promise<VectorValue> {
  const { op, param, expr } = node;
  const summed = summedRange(node);
  if (summed !== undefined)
    return evaluateRange(context, summed.range, windowsOf(summed.range, steps), summed.grouping);
  if (op === 'approx_topk' && !steps.instant)
    throw new QueryError('bad_data', 'approx_topk is only supported on instant queries');
  const unordered = await evaluateVector(context, expr, steps);
  const vector = BREAKS_TIES.has(op) ? byLabels(unordered) : unordered;
  if (op === 'sort' || op === 'sort_desc') {
    return steps.instant ? sortByValue(context, vector, op) : vector;
  }
  const groups = await groupVector(context, vector, node.grouping ?? { without: false, labels: [] });
  const grid = { start: 0, step: 1, count: steps.count };
  // Few enough series are in memory here that the exact answer costs no more than a sketch.
  return aggregate(context, { op: op === 'approx_topk' ? 'topk' : op, grid, vector, groups, param });
}

async function replaceLabels(
  { budget }: EvalContext,
  { target, replacement, source, pattern }: LabelReplace,
  vector: VectorValue,
): Promise<VectorValue> {
  const compiled = RE2JS.compile(pattern);
  const names = compiled.namedGroups();
  const series: Series[] = [];
  for (const one of vector.series) {
    const matcher = compiled.matcher(one.labels.get(source));
    if (matcher.matches()) {
      const value = expandTemplate(replacement, (name) => {
        const group = /^\d{1,6}$/.test(name)
          ? Number(name)
          : Object.hasOwn(names, name)
            ? names[name]
            : undefined;
        return group === undefined || group > matcher.groupCount() ? '' : (matcher.group(group) ?? '');
      });
      series.push({ ...one, labels: withLabel(one.labels, target, value) });
    } else series.push(one);
    if (budget.spend(200)) await budget.pause();
  }
  return mergeEqualLabels(budget, vectorOf(series, true));
}
