import type { EvalContext } from '../eval/context.ts';
import type { Column, MatrixValue, RangeSeries, Value, Windows } from '../eval/value.ts';
import type { Call } from '../parse/ast.ts';
import type { Grid } from '../result.ts';

/**
 * A function from the windows of each series to one value per step. `kernel` fills the column of one series
 * and answers whether any step has a value.
 */
export interface RangeFunction {
  readonly kind: 'range';
  /** The metric keeps its name (`last_over_time`, `first_over_time`). */
  readonly keepsName?: boolean;
  /** Which argument is the range vector; default 0. */
  readonly matrixArgument?: number;
  /** Called once per call, before the kernels: looks at parameters, may annotate. */
  readonly prepare?: (input: RangeInput) => void;
  readonly kernel: (series: RangeSeries, windows: Windows, out: Column, input: RangeInput) => boolean;
  /** Called for each series that got a value: may annotate. */
  readonly inspect?: (series: RangeSeries, input: RangeInput) => void;
}

export interface RangeInput {
  readonly context: EvalContext;
  readonly call: Call;
  readonly grid: Grid;
  readonly matrix: MatrixValue;
  /** The scalar arguments in order, one value per step. */
  readonly scalars: readonly Float64Array[];
}

/** A function of each sample alone. Scalar arguments are read per step. */
export interface ElementFunction {
  readonly kind: 'element';
  readonly apply: (value: number, step: number, scalars: readonly Float64Array[]) => number;
  /** Called once per call with the grid's steps; answers false to drop everything. */
  readonly keep?: (step: number, scalars: readonly Float64Array[]) => boolean;
}

/** Everything else: works on its evaluated arguments as a whole. */
export interface WholeFunction {
  readonly kind: 'whole';
  readonly evaluate: (input: WholeInput) => Value | Promise<Value>;
}

export interface WholeInput {
  readonly context: EvalContext;
  readonly call: Call;
  readonly grid: Grid;
  readonly args: readonly Value[];
}

/** `timestamp`: of a bare selector it tells the sample's own time, so the evaluator must know it. */
export interface TimestampFunction {
  readonly kind: 'timestamp';
}

export type FunctionImplementation = RangeFunction | ElementFunction | WholeFunction | TimestampFunction;
