import type { Binary } from '../../parse/ast.ts';
import { isComparison, isTrim } from '../../parse/ast.ts';
import type { EvalContext } from '../context.ts';
import { FloatBlock } from '../float-block.ts';
import { afterNameDrop, dropName, nameless } from '../names.ts';
import type { Column, SampleValue, ScalarValue, Series, VectorValue } from '../value.ts';
import { ColumnPool, plainColumn, sampleAt, storeSample, vectorOf } from '../value.ts';
import type { Operated } from './histograms.ts';
import { operateSamples } from './histograms.ts';
import type { Dialect } from './operators.ts';
import { floatOperator } from './operators.ts';

/** Two scalars, step by step; a comparison has `bool` here (the checker saw to it). */
export function scalarPair(
  node: Binary,
  left: ScalarValue,
  right: ScalarValue,
  dialect?: Dialect,
): ScalarValue {
  const operate = floatOperator(node.op, dialect);
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
  const operate = floatOperator(node.op, context.dialect);
  const filter = keepsSample(node);
  if (vector instanceof FloatBlock && !isTrim(node.op)) {
    const block = await blockScalar(context, node, vector, scalar, swapped);
    return filter ? block : afterNameDrop(context, block);
  }
  const pool = new ColumnPool(scalar.length, vector.series.length);
  const result: Series[] = [];
  for (const series of vector.series) {
    if (series.histograms !== undefined || isTrim(node.op)) {
      const general = generalScalar(context, node, { series, scalar, swapped, column: pool.take() });
      if (general !== undefined) result.push(general);
      continue;
    }
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

/** The same for a block; blocks hold floats alone, and none is made where names go later. */
async function blockScalar(
  { budget }: EvalContext,
  node: Binary,
  block: FloatBlock,
  scalar: Float64Array,
  swapped: boolean,
): Promise<VectorValue> {
  const operate = floatOperator(node.op);
  const { rows, steps, items, namesPinned } = block;
  const filter = keepsSample(node);
  // A filter changes which cells count, all else what is in them.
  const values = filter ? block.values : new Float64Array(block.values.length);
  const present = filter ? new Uint8Array(block.present.length) : block.present;
  for (let row = 0; row < rows; row++) {
    for (let cell = row * steps, k = 0; k < steps; k++, cell++) {
      if (block.present[cell] === 0) continue;
      const value = block.values[cell];
      const computed = swapped ? operate(scalar[k], value) : operate(value, scalar[k]);
      if (filter) present[cell] = computed;
      else values[cell] = computed;
    }
    if (budget.spend(steps)) await budget.pause();
  }
  if (filter) return new FloatBlock(block.labels, block.only(present), namesPinned);
  const labels = nameless.of(block.labels, { pinned: namesPinned });
  return new FloatBlock(labels, { items, values, present, steps }, namesPinned);
}

interface GeneralInput {
  readonly series: Series;
  readonly scalar: Float64Array;
  readonly swapped: boolean;
  readonly column: Column;
}

/** One series whose samples may be histograms. */
function generalScalar(
  context: EvalContext,
  node: Binary,
  { series, scalar, swapped, column }: GeneralInput,
): Series | undefined {
  const operate = operateSamples(context, node, floatOperator(node.op, context.dialect));
  const out = { ...column, histograms: [] };
  const keeps = keepsSample(node);
  let any = false;
  for (let k = 0; k < scalar.length; k++) {
    if (series.present[k] === 0) continue;
    const sample = sampleAt(series, k);
    const operated = swapped ? operate(scalar[k], sample) : operate(sample, scalar[k]);
    if (storeSample(out, k, resultOf(node, operated, sample))) any = true;
  }
  if (!any) return undefined;
  const named = keeps
    ? { labels: series.labels, dropName: series.dropName }
    : dropName(context, series.labels);
  return { ...named, ...plainColumn(out) };
}

/** What stays of an operated pair; `kept` is what a filtering comparison answers with. */
export function resultOf(
  node: Binary,
  operated: Operated | undefined,
  kept: SampleValue,
): SampleValue | undefined {
  if (operated === undefined) return undefined;
  if (node.returnBool) return operated.holds ? 1 : 0;
  if (!isComparison(node.op)) return operated.value;
  return operated.holds ? kept : undefined;
}

/** The result is still the sample it was made from: its name stays. */
export function keepsSample(node: Binary): boolean {
  return (isComparison(node.op) && !node.returnBool) || isTrim(node.op);
}
