import type { Labels } from '../labels.ts';
import type { Grid } from '../result.ts';

/**
 * One series on the evaluation grid. The arrays belong to whoever made them and are never written again,
 * so operators may hand them on.
 */
export interface Series {
  readonly labels: Labels;
  /** The metric name is still among the labels but goes away at the end (delayed name removal). */
  readonly dropName: boolean;
  readonly values: Float64Array;
  /** 1 where the step has a value. */
  readonly present: Uint8Array;
}

export interface VectorValue {
  readonly type: 'vector';
  readonly series: readonly Series[];
  /** No two series differ in the metric name alone: dropping it cannot make duplicates. */
  readonly namesPinned: boolean;
}

export interface ScalarValue {
  readonly type: 'scalar';
  /** One value per step. */
  readonly values: Float64Array;
}

interface StringValue {
  readonly type: 'string';
  readonly value: string;
}

/** Samples of one series without staleness markers; windows are cut from `[from, to)`. */
export interface RangeSeries {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly from: number;
  readonly to: number;
  /** Known to hold no drop and no NaN: a counter without resets. */
  readonly rising?: boolean;
}

/** The windows of a range selector: window k is `(end + k*step - range, end + k*step]`. */
export interface Windows {
  readonly end: number;
  readonly step: number;
  readonly count: number;
  readonly range: number;
}

export interface MatrixValue {
  readonly type: 'matrix';
  readonly series: readonly RangeSeries[];
  readonly windows: Windows;
  readonly namesPinned: boolean;
}

export type Value = VectorValue | ScalarValue | StringValue | MatrixValue;

export interface Column {
  readonly values: Float64Array;
  readonly present: Uint8Array;
}

/**
 * Columns for many series out of few large arrays: a typed array of its own per series costs more than
 * filling it.
 */
export class ColumnPool {
  readonly #count: number;
  readonly #chunk: number;
  #values: Float64Array;
  #present: Uint8Array;
  #used = 0;

  constructor(count: number, expectedSeries: number) {
    this.#count = count;
    this.#chunk = Math.max(1, Math.min(expectedSeries, Math.ceil(262_144 / Math.max(1, count))));
    this.#values = new Float64Array(this.#chunk * count);
    this.#present = new Uint8Array(this.#chunk * count);
  }

  /** A fresh column: zeros, nothing present. */
  take(): Column {
    if (this.#used === this.#chunk) {
      this.#values = new Float64Array(this.#chunk * this.#count);
      this.#present = new Uint8Array(this.#chunk * this.#count);
      this.#used = 0;
    }
    const from = this.#used * this.#count;
    this.#used++;
    return {
      values: this.#values.subarray(from, from + this.#count),
      present: this.#present.subarray(from, from + this.#count),
    };
  }
}

export function timeAt(grid: Grid, index: number): number {
  return grid.start + index * grid.step;
}

export function anyPresent(present: Uint8Array): boolean {
  return present.includes(1);
}

export function vectorOf(series: readonly Series[], namesPinned: boolean): VectorValue {
  return { type: 'vector', series, namesPinned };
}
