import { scalarArgument, vectorArgument } from '../functions/arguments.ts';
import type {
  ElementFunction,
  FunctionImplementation,
  InfoFunction,
  RangeFunction,
  RangeInput,
  TimestampFunction,
  WholeInput,
} from '../functions/types.ts';
import { BlockMatrix } from './block-matrix.ts';
import { BlockBuilder, FloatBlock } from './float-block.ts';
import { runGeneral, runKernel } from './long-windows.ts';
import { afterNameDrop, dropName, nameless } from './names.ts';
import type { Column, MatrixValue, RangeSeries, Series, Value, VectorValue } from './value.ts';
import { ColumnPool, floatsOnly, plainColumn, vectorOf } from './value.ts';
import { windowBounds } from './windows.ts';

/** Applies a function to its evaluated arguments. */
export async function callFunction(
  implementation: Exclude<FunctionImplementation, TimestampFunction | InfoFunction>,
  input: WholeInput,
): Promise<Value> {
  switch (implementation.kind) {
    case 'range':
      return callRange(implementation, input);
    case 'element':
      return callElement(implementation, input);
    case 'whole':
      return implementation.evaluate(input);
  }
}

async function callRange(implementation: RangeFunction, input: WholeInput): Promise<VectorValue> {
  const { context, call, grid, args } = input;
  const matrix = matrixArgument(args, implementation.matrixArgument ?? 0);
  const scalars = args.filter((arg) => arg.type === 'scalar').map((arg) => arg.values);
  const rangeInput: RangeInput = { context, call, grid, matrix, scalars };
  implementation.prepare?.(rangeInput);
  if (matrix instanceof BlockMatrix) return callBlock(implementation, matrix, rangeInput);
  const pool = new ColumnPool(grid.count, matrix.series.length, context.budget);
  const result: Series[] = [];
  for (const series of matrix.series) {
    const taken = pool.take();
    const plain =
      (series.histograms === undefined && series.starts === undefined) || implementation.timesOnly === true;
    const made = plain
      ? callPlain(implementation, series, taken, rangeInput)
      : callGeneral(implementation, series, taken, rangeInput);
    const column = made instanceof Promise ? await made : made;
    if (column !== undefined) {
      const named =
        implementation.keepsName === true
          ? { labels: series.labels, dropName: series.dropName }
          : dropName(context, series.labels);
      result.push({ ...named, ...column });
    }
    if (context.budget.spend(series.to - series.from + 2 * grid.count)) await context.budget.pause();
  }
  context.budget.hold(result.length * grid.count);
  const vector = vectorOf(result, matrix.namesPinned);
  return implementation.keepsName === true ? vector : afterNameDrop(context, vector);
}

/** The same of a block's rows into a block, whose label sets are those of the list the rows came with. */
async function callBlock(
  implementation: RangeFunction,
  matrix: BlockMatrix,
  input: RangeInput,
): Promise<VectorValue> {
  const { context, grid } = input;
  const { block, windows } = matrix;
  const keepsName = implementation.keepsName === true;
  const labels = keepsName ? block.labels : nameless.of(block.labels, { pinned: block.namesPinned });
  const rows = new BlockBuilder(grid.count, block.rows, context.budget);
  for (let row = 0; row < block.rows; row++) {
    const series = matrix.rangeAt(row);
    const any = runKernel({ implementation, windows, input }, series, rows.column);
    if (any === true || (any !== false && (await any))) {
      implementation.inspect?.(series.labels, input);
      rows.add(block.items[row]);
    }
    if (context.budget.spend(series.to - series.from + 2 * grid.count)) await context.budget.pause();
  }
  context.budget.hold(rows.rows * grid.count);
  const result = new FloatBlock(labels, rows.finish(), block.namesPinned);
  return keepsName ? result : afterNameDrop(context, result);
}

type Filled = Pick<Series, 'values' | 'present' | 'histograms'>;

function callPlain(
  implementation: RangeFunction,
  series: RangeSeries,
  column: Column,
  input: RangeInput,
): Filled | undefined | Promise<Filled | undefined> {
  const any = runKernel({ implementation, windows: input.matrix.windows, input }, series, column);
  return typeof any === 'boolean' ? finish(any) : any.then(finish);

  function finish(isFilled: boolean): Filled | undefined {
    if (!isFilled) return undefined;
    implementation.inspect?.(series.labels, input);
    return column;
  }
}

function callGeneral(
  implementation: RangeFunction,
  series: RangeSeries,
  column: Column,
  input: RangeInput,
): Filled | undefined | Promise<Filled | undefined> {
  const { windows } = input.matrix;
  if (implementation.general === undefined) {
    noteIgnored(series, input);
    return callPlain(implementation, floatSamples(series), column, input);
  }
  const out = { ...column, histograms: [] };
  const any = runGeneral({ implementation, windows, input }, implementation.general, series, out);
  return typeof any === 'boolean' ? finish(any) : any.then(finish);

  function finish(isFilled: boolean): Filled | undefined {
    if (!isFilled) return undefined;
    const filled = plainColumn(out);
    const someFloat = out.present.some((here, k) => here === 1 && filled.histograms?.[k] === undefined);
    if (someFloat) implementation.inspect?.(series.labels, input);
    return filled;
  }
}

/** Floats are taken and histograms beside them are not: worth an info. */
function noteIgnored({ labels, timestamps, from, to, histograms }: RangeSeries, input: RangeInput): void {
  const { context, call, matrix } = input;
  for (let k = 0; k < matrix.windows.count; k++) {
    const [first, last] = windowBounds(timestamps, from, to, matrix.windows, k);
    let [floats, others] = [false, false];
    for (let i = first; i < last; i++) {
      if (histograms?.[i] === undefined) floats = true;
      else others = true;
    }
    if (floats && others)
      return context.annotations.ignoredInRange(call.args[0]?.span ?? call.span, labels.metricName);
  }
}

/** The same series without its histograms. */
function floatSamples({
  labels,
  dropName: drops,
  timestamps,
  values,
  from,
  to,
  histograms,
}: RangeSeries): RangeSeries {
  const places: number[] = [];
  for (let i = from; i < to; i++) if (histograms?.[i] === undefined) places.push(i);
  return {
    labels,
    dropName: drops,
    timestamps: Float64Array.from(places, (i) => timestamps[i]),
    values: Float64Array.from(places, (i) => values[i]),
    from: 0,
    to: places.length,
  };
}

function matrixArgument(args: readonly Value[], index: number): MatrixValue {
  const value = args[index];
  if (value?.type !== 'matrix') throw new TypeError(`argument ${index} is no range vector`);
  return value;
}

async function callElement(implementation: ElementFunction, input: WholeInput): Promise<VectorValue> {
  const { context, grid, args } = input;
  const vector = floatsOnly(vectorArgument(args, 0));
  const scalars = args.slice(1).map((_, index) => scalarArgument(args, index + 1));
  const pool = new ColumnPool(grid.count, vector.series.length);
  const result: Series[] = [];
  for (const series of vector.series) {
    const column = pool.take();
    applyElement(implementation, series, column, scalars);
    result.push({ ...dropName(context, series.labels), ...column });
    if (context.budget.spend(grid.count)) await context.budget.pause();
  }
  return afterNameDrop(context, vectorOf(result, vector.namesPinned));
}

function applyElement(
  implementation: ElementFunction,
  series: Series,
  column: { readonly values: Float64Array; readonly present: Uint8Array },
  scalars: readonly Float64Array[],
): void {
  const { apply, keep } = implementation;
  for (let k = 0; k < series.present.length; k++) {
    if (series.present[k] === 0 || keep?.(k, scalars) === false) continue;
    column.values[k] = apply(series.values[k] ?? Number.NaN, k, scalars);
    column.present[k] = 1;
  }
}
