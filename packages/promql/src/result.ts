import type { Histogram } from './histogram/histogram.ts';
import type { LabelList } from './label-list.ts';
import type { Labels } from './labels.ts';

/** The steps a range result lies on: point i is at `start + i * step`, in ms. One step for an instant query. */
export interface Grid {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** One sample of an instant query. */
export interface VectorSample {
  readonly labels: Labels;
  readonly value: number;
  /** A native histogram; `value` then means nothing. */
  readonly histogram?: Histogram | undefined;
}

/** One series of a range query: a value per grid point, meaningful where `present` is 1. */
export interface MatrixSeries {
  readonly labels: Labels;
  readonly values: Float64Array;
  readonly present: Uint8Array;
  /** Only on series with native histograms: where one stands it is the value, and the float means nothing. */
  readonly histograms?: readonly (Histogram | undefined)[] | undefined;
}

/**
 * Floats of many series in one piece, for whoever writes them out without an object per series. Row i is the series of
 * `labels.sets[items[i]]`; its values begin at `rows[i] * steps`.
 */
export interface FloatMatrix {
  readonly labels: LabelList;
  readonly items: Int32Array;
  readonly rows: Int32Array;
  readonly steps: number;
  readonly values: Float64Array;
  /** 1 where the step has a value. */
  readonly present: Uint8Array;
}

/** Raw samples of one series: what an instant query over a range selector (`x[5m]`) answers. */
export interface RawSeries {
  readonly labels: Labels;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** Only on series with native histograms, aligned with `timestamps`. */
  readonly histograms?: readonly (Histogram | undefined)[] | undefined;
}

export interface QueryStats {
  /** Samples read from storage. */
  readonly samplesRead: number;
  /** The most samples held at once, inputs and intermediate results together. */
  readonly peakSamples: number;
  readonly seriesRead: number;
  /** Aggregations the storage computed itself. */
  readonly pushedDown: number;
  /** Selectors that were answered from buckets instead of samples, in whole or in part. */
  readonly downsampled: number;
}

interface Outcome {
  /** Texts with position, without duplicates; not cut (the HTTP layer shows ten). */
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly stats: QueryStats;
}

/** `vector` keeps the order of sort, topk and bottomk; `time` is the evaluation time in ms. */
export type InstantResult = Outcome &
  (
    | {
        readonly type: 'vector';
        readonly time: number;
        readonly samples: readonly VectorSample[];
        readonly matrix?: FloatMatrix;
      }
    | { readonly type: 'scalar'; readonly time: number; readonly value: number }
    | { readonly type: 'string'; readonly time: number; readonly value: string }
    | { readonly type: 'matrix'; readonly time: number; readonly series: readonly RawSeries[] }
  );

/** Series sorted by labels, none without a point. */
export interface RangeResult extends Outcome {
  readonly type: 'matrix';
  readonly grid: Grid;
  readonly series: readonly MatrixSeries[];
  /** The same series in the same order, where they are floats alone. */
  readonly matrix?: FloatMatrix;
}
