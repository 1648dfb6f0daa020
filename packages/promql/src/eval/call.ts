import { scalarArgument, vectorArgument } from '../functions/arguments.ts';
import type {
  ElementFunction,
  FunctionImplementation,
  RangeFunction,
  RangeInput,
  TimestampFunction,
  WholeInput,
} from '../functions/types.ts';
import { afterNameDrop, dropName } from './names.ts';
import type { MatrixValue, Series, Value, VectorValue } from './value.ts';
import { ColumnPool, vectorOf } from './value.ts';

/** Applies a function to its evaluated arguments. */
export async function callFunction(
  implementation: Exclude<FunctionImplementation, TimestampFunction>,
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
  const pool = new ColumnPool(grid.count, matrix.series.length);
  const result: Series[] = [];
  for (const series of matrix.series) {
    const column = pool.take();
    if (implementation.kernel(series, matrix.windows, column, rangeInput)) {
      implementation.inspect?.(series, rangeInput);
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

function matrixArgument(args: readonly Value[], index: number): MatrixValue {
  const value = args[index];
  if (value?.type !== 'matrix') throw new TypeError(`argument ${index} is no range vector`);
  return value;
}

async function callElement(implementation: ElementFunction, input: WholeInput): Promise<VectorValue> {
  const { context, grid, args } = input;
  const vector = vectorArgument(args, 0);
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
