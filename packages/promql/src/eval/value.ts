import type { Histogram } from '../histogram/histogram.ts';
import type { Labels } from '../labels.ts';
import type { Grid } from '../result.ts';
import type { PlacedWindows } from './placed-windows.ts';

/** Native histograms beside the floats of a column: where one stands it is the value, and the float means nothing. */
export type HistogramColumn = readonly (Histogram | undefined)[];

/** One value of either kind. */
export type SampleValue = number | Histogram;

/**
 * One series on the evaluation grid. The arrays belong to whoever made them and are never written again,
 * so operators may hand them on.
 */
export interface Series {
  readonly labels: Labels;
  /** The metric name is still among the labels but goes away at the end (delayed name removal). */
  readonly dropName: boolean;
  readonly values: Float64Array;
  /** 1 where the step has a value, of whichever kind. */
  readonly present: Uint8Array;
  /** Only where the series holds histograms at all; everything else takes the paths of plain floats. */
  readonly histograms?: HistogramColumn | undefined;
}

export interface VectorValue {
  readonly type: 'vector';
  readonly series: readonly Series[];
  /** No two series differ in the metric name alone: dropping it cannot make duplicates. */
  readonly namesPinned: boolean;
  /** Known to hold no histograms. */
  readonly floats?: boolean;
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
  /** Indexes of samples smaller than the one before them, where that was found out already; there is no NaN then. */
  readonly drops?: readonly number[] | undefined;
  /** Where the samples of each window lie, where that is known already. */
  readonly placed?: PlacedWindows | undefined;
  /** Only on series with histograms, aligned with `timestamps`. */
  readonly histograms?: HistogramColumn | undefined;
  /** Only where start times are used: when each sample's counting began, in ms, 0 for unknown. */
  readonly starts?: Float64Array | undefined;
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

/** A column that may take histograms too. */
export interface GeneralColumn extends Column {
  readonly histograms: (Histogram | undefined)[];
}

/** Says how much memory a query may still take. */
export interface Room {
  /** Fails where so many samples do not fit. */
  requireRoom(samples: number): void;
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
  /** Cells of all chunks. */
  #cells = 0;
  readonly #room: Room | undefined;

  /** With `room` it fails before it takes more than there is; without where as much was held before. */
  constructor(count: number, expectedSeries: number, room?: Room) {
    this.#count = count;
    this.#room = room;
    this.#chunk = Math.max(1, Math.min(expectedSeries, Math.ceil(262_144 / Math.max(1, count))));
    [this.#values, this.#present] = this.#fresh();
  }

  #fresh(): [Float64Array, Uint8Array] {
    const cells = this.#chunk * this.#count;
    this.#cells += cells;
    // A chunk is taken whole, and may be filled in part only.
    this.#room?.requireRoom(this.#cells - cells + this.#count);
    return [new Float64Array(cells), new Uint8Array(cells)];
  }

  /** A fresh column: zeros, nothing present. */
  take(): Column {
    if (this.#used === this.#chunk) {
      [this.#values, this.#present] = this.#fresh();
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

/** The value of a series at a step where it is present. */
export function sampleAt(series: Pick<Series, 'values' | 'histograms'>, step: number): SampleValue {
  return series.histograms?.[step] ?? series.values[step];
}

/** Writes one value of either kind; undefined leaves the step empty. Answers whether there was one. */
export function storeSample(out: GeneralColumn, step: number, value: SampleValue | undefined): boolean {
  if (value === undefined) return false;
  if (typeof value === 'number') out.values[step] = value;
  else out.histograms[step] = value;
  out.present[step] = 1;
  return true;
}

/** A column as series carry it: without the histograms when it got none. */
export function plainColumn({
  values,
  present,
  histograms,
}: GeneralColumn): Pick<Series, 'values' | 'present' | 'histograms'> {
  return histograms.length === 0 ? { values, present } : { values, present, histograms };
}

export function hasHistograms(vector: VectorValue): boolean {
  if (vector.floats === true) return false;
  for (const series of vector.series) if (series.histograms !== undefined) return true;
  return false;
}

/**
 * The vector for what knows only floats: histogram samples are absent. Series keep their places, also those with nothing
 * left; `ignored` is called once if there was any histogram.
 */
export function floatsOnly(vector: VectorValue, ignored?: () => void): VectorValue {
  if (!hasHistograms(vector)) return vector;
  let some = false;
  const series = vector.series.map((one) => {
    const { histograms, labels, dropName, values } = one;
    if (histograms === undefined) return one;
    const present = one.present.map((here, step) => {
      if (here === 0) return 0;
      if (histograms[step] === undefined) return 1;
      some = true;
      return 0;
    });
    return { labels, dropName, values, present };
  });
  if (some) ignored?.();
  return vectorOf(series, vector.namesPinned);
}
