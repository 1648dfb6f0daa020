import { RE2JS } from 're2js';
import type { LabelReplace, RangeAggregation, VectorAggregation } from './ast.ts';
import { isScalar } from './ast.ts';
import type { Cursor } from './cursor.ts';
import type { AggregationName, RangeFunctionName } from './tokens.ts';

/** Whether a function counts lines, works on unwrapped values, or either. */
const WORKS_ON: Readonly<Record<RangeFunctionName, 'lines' | 'values' | 'either'>> = {
  rate: 'either',
  rate_counter: 'values',
  count_over_time: 'lines',
  bytes_rate: 'lines',
  bytes_over_time: 'lines',
  absent_over_time: 'either',
  sum_over_time: 'values',
  avg_over_time: 'values',
  min_over_time: 'values',
  max_over_time: 'values',
  first_over_time: 'values',
  last_over_time: 'values',
  stddev_over_time: 'values',
  stdvar_over_time: 'values',
  quantile_over_time: 'values',
};

const GROUPABLE: ReadonlySet<RangeFunctionName> = new Set<RangeFunctionName>([
  'avg_over_time',
  'min_over_time',
  'max_over_time',
  'first_over_time',
  'last_over_time',
  'stddev_over_time',
  'stdvar_over_time',
  'quantile_over_time',
]);

export function checkRangeAggregation(cursor: Cursor, node: RangeAggregation): void {
  const { func, unwrap, grouping, param, span } = node;
  const fail = (message: string): Error => cursor.fail(span.start, message);
  if (func === 'quantile_over_time' && param === undefined)
    throw fail(`parameter required for operation ${func}`);
  if (func !== 'quantile_over_time' && param !== undefined)
    throw fail(`parameter ${param} not supported for operation ${func}`);
  if (grouping !== undefined && !GROUPABLE.has(func))
    throw fail(`grouping not allowed for ${func} aggregation`);
  if (unwrap === undefined && WORKS_ON[func] === 'values')
    throw fail(`invalid aggregation ${func} without unwrap`);
  if (unwrap !== undefined && WORKS_ON[func] === 'lines')
    throw fail(`invalid aggregation ${func} with unwrap`);
}

const PARAMETRISED: ReadonlySet<AggregationName> = new Set<AggregationName>([
  'topk',
  'bottomk',
  'approx_topk',
]);

export function checkAggregation(cursor: Cursor, node: VectorAggregation): void {
  const { op, param, grouping, expr, span } = node;
  const fail = (message: string): Error => cursor.fail(span.start, message);
  if (PARAMETRISED.has(op)) {
    if (param === undefined) throw fail(`parameter required for operation ${op}`);
    if (!Number.isSafeInteger(param)) throw fail(`invalid parameter ${op}(${param}, expected a whole number`);
    if (param < 1) throw fail(`invalid parameter (must be greater than 0) ${op}(${param}`);
  } else if (param !== undefined) throw fail(`unsupported parameter for operation ${op}(${param},`);
  if (grouping !== undefined && op === 'approx_topk')
    throw fail(`grouping not allowed for ${op} aggregation`);
  if (grouping !== undefined && grouping.labels.length > 0 && (op === 'sort' || op === 'sort_desc'))
    throw fail("sort and sort_desc doesn't allow grouping by");
  if (isScalar(expr))
    throw cursor.fail(expr.span.start, `${op} aggregates a vector, got a number: use vector()`);
}

export function checkLabelReplace(cursor: Cursor, node: LabelReplace): void {
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(node.target))
    throw cursor.fail(
      node.span.start,
      `invalid destination label name in label_replace: ${JSON.stringify(node.target)}`,
    );
  if (isScalar(node.expr))
    throw cursor.fail(node.expr.span.start, 'label_replace takes a vector, got a number');
  try {
    RE2JS.compile(node.pattern);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw cursor.fail(node.span.start, `invalid regex in label_replace: ${why}`);
  }
}
