import type { EvalContext } from '../eval/context.ts';
import type { Column, GeneralColumn, MatrixValue, RangeSeries, Value, Windows } from '../eval/value.ts';
import type { Labels } from '../labels.ts';
import type { Call } from '../parse/ast.ts';
import type { Grid } from '../result.ts';
import type { SeriesSet } from '../storage.ts';

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
  readonly everySample?: EverySample;
  /**
   * The kernel for series with histograms, or with start times where they are used. Without one, histograms are ignored,
   * with an info where floats stand beside them.
   */
  readonly general?: (
    series: RangeSeries,
    windows: Windows,
    out: GeneralColumn,
    input: RangeInput,
  ) => boolean;
  /** Of a `general` kernel that looks at every sample of every window and keeps nothing between windows: about how many ns each takes. */
  readonly nsPerHistogram?: number;
  /** The kernel looks at times only, whatever the samples are. */
  readonly timesOnly?: boolean;
  /** Called for each series that got a float from its kernel: may annotate. */
  readonly inspect?: (labels: Labels, input: RangeInput) => void;
  /** Whether `inspect` may say anything of these series; without it, it may of any. */
  readonly inspects?: (set: SeriesSet) => boolean;
}

/** What a kernel of floats gets besides the samples, and all of it: it can run anywhere. */
interface KernelInput {
  readonly grid: Grid;
  /** The scalar arguments in order, one value per step. */
  readonly scalars: readonly Float64Array[];
}

/**
 * Of a kernel that looks at every sample of every window: with wide windows at many steps one series is seconds of work. The
 * kernel is the same, of some of the steps and with nothing but numbers, so that it may run part by part and on another thread.
 */
export interface EverySample {
  /** About how many ns each sample of each window takes; 0 where this series needs no such look. */
  readonly nsOf: (series: RangeSeries, input: RangeInput) => number;
  readonly kernel: (series: RangeSeries, windows: Windows, out: Column, input: KernelInput) => boolean;
}

export interface RangeInput extends KernelInput {
  readonly context: EvalContext;
  readonly call: Call;
  readonly matrix: MatrixValue;
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

/** `timestamp` and `start_timestamp`: of a bare selector they tell the sample's own times, so the evaluator must know them. */
export interface TimestampFunction {
  readonly kind: 'timestamp';
  readonly of: 'time' | 'start';
}

/** `info`: its second argument is no vector but says which series to join. */
export interface InfoFunction {
  readonly kind: 'info';
}

export type FunctionImplementation =
  | RangeFunction
  | ElementFunction
  | WholeFunction
  | TimestampFunction
  | InfoFunction;
