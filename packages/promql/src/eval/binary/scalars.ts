import type { Binary } from '../../parse/ast.ts';
import { isComparison } from '../../parse/ast.ts';
import type { EvalContext } from '../context.ts';
import { afterNameDrop, dropName } from '../names.ts';
import type { ScalarValue, Series, VectorValue } from '../value.ts';
import { ColumnPool, vectorOf } from '../value.ts';
import { floatOperator } from './operators.ts';

/** Two scalars, step by step; a comparison has `bool` here (the checker saw to it). */
export function scalarPair(node: Binary, left: ScalarValue, right: ScalarValue): ScalarValue {
  const operate = floatOperator(node.op);
  const values = new Float64Array(left.values.length);
  for (let k = 0; k < values.length; k++) values[k] = operate(left.values[k], right.values[k]);
  return { type: 'scalar', values };
}

/**
 * A vector and a scalar. A comparison without `bool` keeps the vector's samples where it holds, names and all;
 * everything else computes and drops the name. `swapped`: the scalar stands on the left.
 */
export async function vectorScalar(
  context: EvalContext,
  node: Binary,
  vector: VectorValue,
  scalar: Float64Array,
  swapped: boolean,
): Promise<VectorValue> {
  const operate = floatOperator(node.op);
  const filter = isComparison(node.op) && !node.returnBool;
  const pool = new ColumnPool(scalar.length, vector.series.length);
  const result: Series[] = [];
  for (const series of vector.series) {
    const column = pool.take();
    let any = false;
    for (let k = 0; k < scalar.length; k++) {
      if (series.present[k] === 0) continue;
      const value = series.values[k];
      const other = scalar[k];
      const computed = swapped ? operate(other, value) : operate(value, other);
      if (filter && computed === 0) continue;
      column.values[k] = filter ? value : computed;
      column.present[k] = 1;
      any = true;
    }
    if (any) {
      const named = filter
        ? { labels: series.labels, dropName: series.dropName }
        : dropName(context, series.labels);
      result.push({ ...named, ...column });
    }
    if (context.budget.spend(scalar.length)) await context.budget.pause();
  }
  const combined = vectorOf(result, vector.namesPinned);
  return filter ? combined : afterNameDrop(context, combined);
}
