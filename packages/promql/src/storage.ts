import type { Histogram } from './histogram/histogram.ts';
import type { Labels } from './labels.ts';
import type { Matcher } from './matcher.ts';

/**
 * The columnar storage interface that PromQL evaluates over. Implemented by the server's metrics store
 * (head + pending + engine) and by a memory store for tests (`testing/memory-storage.ts`).
 */

/** What one selector of a query needs. All times are integer milliseconds since the Unix epoch. */
export interface SelectRequest {
  readonly matchers: readonly Matcher[];
  /** Exclusive lower bound (Prometheus 3 selectors are left-open). */
  readonly startExclusive: number;
  /** Inclusive upper bound. */
  readonly end: number;
  /** What the evaluator will do with the samples; the storage may use it and may ignore it. */
  readonly hints: SelectHints;
}

export interface SelectHints {
  /** Evaluation grid of the query: first step, last step, distance (1 for an instant query with start = end). */
  readonly start: number;
  readonly end: number;
  readonly step: number;
  /** Width of the range selector in ms; 0 for an instant selector. */
  readonly range: number;
  /** The function directly around the selector (`rate`, `sum_over_time`, ...) or the aggregation, if any. */
  readonly func?: string | undefined;
  readonly by?: boolean;
  readonly grouping?: readonly string[];
  /** Only labels are wanted (series API, `count` of names): samples may be omitted. */
  readonly labelsOnly?: boolean;
  /** Start times are wanted; without it the storage may leave `starts` out. */
  readonly starts?: boolean;
}

/**
 * One series and its samples, as columns. The storage owns the arrays: read only the window
 * `[from, to)` and never write. Timestamps rise strictly. A staleness marker is the NaN with low word 2
 * (`isStaleMarker`); it is delivered, the evaluator interprets it.
 */
export interface SeriesColumns {
  readonly labels: Labels;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly from: number;
  readonly to: number;
  /**
   * Only on series with native histograms, aligned with `timestamps`: where one stands, it is the sample and `values` means
   * nothing. A series may change between floats and histograms. A stale histogram is delivered as a stale float.
   */
  readonly histograms?: readonly (Histogram | undefined)[];
  /** Only on series that have any: when each sample's counting began, ms, aligned with `timestamps`; 0 for unknown. */
  readonly starts?: Float64Array;
  /**
   * Of a scan: series that come with the same object, one after the other, have samples of the same times at the same indexes,
   * so that what depends on times alone is computed once for all of them. Absent where that is not known.
   */
  readonly timing?: object | undefined;
}

export interface SelectResult {
  /** In any order; no two with equal labels. */
  readonly series: readonly SeriesColumns[];
  /** Trouble that leaves the answer partial, in the API's `warnings`. */
  readonly warnings?: readonly string[];
}

/**
 * `aggregation by (grouping) (func(selector[range] offset))` over a step grid, computed by the storage.
 * Offered for plans whose result is provably the same; the storage may decline with `null`.
 */
export interface PushdownRequest {
  readonly matchers: readonly Matcher[];
  /** Absent: a bare instant selector. */
  readonly func?:
    | 'rate'
    | 'increase'
    | 'delta'
    | 'sum_over_time'
    | 'count_over_time'
    | 'min_over_time'
    | 'max_over_time'
    | 'avg_over_time'
    | 'last_over_time'
    | undefined;
  readonly range: number;
  readonly offset: number;
  readonly lookback: number;
  readonly aggregation: 'sum' | 'min' | 'max' | 'count' | 'avg' | 'group';
  readonly by: boolean;
  readonly grouping: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Values on the step grid of the request; NaN-boxed absence is told by `present`. */
export interface GridSeries {
  readonly labels: Labels;
  readonly values: Float64Array;
  /** 1 where the step has a value. */
  readonly present: Uint8Array;
}

/**
 * The series some matchers select, without samples. The same object comes again while the selection is the same, so what
 * is derived from the labels may be kept under it.
 */
export interface SeriesSet {
  readonly count: number;
  /** Labels of series `index`; the empty set once the storage has forgotten the series. */
  labelsAt(index: number): Labels;
  /** No two label sets are equal without metric name, type and unit. False also where the storage cannot tell cheaply. */
  readonly distinctNameless: boolean;
}

/** A selection whose samples are read one series at a time, so that no query holds them all. */
export interface SeriesScan {
  readonly set: SeriesSet;
  /** The samples of series `index`, valid until the next read; null where it has none in the request's time. */
  read(index: number): SeriesColumns | null;
  /** Whether everything read so far is all there is. Where not, what was computed is void: `select` must be asked. */
  isWhole(): boolean;
}

/**
 * Buckets of one series, as columns: bucket i is the stretch `(ends[i] - resolution, ends[i]]`, left-open as windows are.
 * All times are ms. Only `[from, to)` counts; `ends` rises strictly. Staleness markers are in no column but `staleTime`.
 */
export interface BucketColumns {
  readonly labels: Labels;
  readonly from: number;
  readonly to: number;
  readonly ends: Float64Array;
  /** Samples in the bucket; 0 where it holds nothing but a staleness marker, and then only `staleTime` means anything. */
  readonly count: Float64Array;
  /** Of the samples that are not NaN; NaN where there are no others. */
  readonly min: Float64Array;
  readonly max: Float64Array;
  /** Compensated. */
  readonly sum: Float64Array;
  readonly first: Float64Array;
  readonly firstTime: Float64Array;
  readonly last: Float64Array;
  readonly lastTime: Float64Array;
  /** Sum of the values from which a sample dropped: `last - first + dropped` is the increase of a counter. */
  readonly dropped: Float64Array;
  /** How many samples are smaller than, and how many differ from, the sample before them in the bucket. */
  readonly resets: Float64Array;
  readonly changes: Float64Array;
  /** Time of the newest staleness marker after the last sample; 0 for none. */
  readonly staleTime: Float64Array;
}

/** A column of numbers of buckets. */
export type BucketField = Exclude<keyof BucketColumns, 'labels' | 'from' | 'to'>;

/** What is asked of a selection that buckets may answer. */
export interface DownsampleRequest extends SelectRequest {
  /** Window k is `(first + k*step - range, first + k*step]`; of an instant selector, the range is its lookback. */
  readonly windows: {
    readonly first: number;
    readonly step: number;
    readonly count: number;
    readonly range: number;
  };
  /** Windows and steps that are whole multiples of a bucket give the same answer from buckets as from samples. */
  readonly exact: boolean;
  /** Whether the windows must be such multiples too, or only the steps (instant selectors). */
  readonly instant: boolean;
  /** The columns that will be looked at; the others may be empty. */
  readonly fields: readonly BucketField[];
}

/** Neighbouring steps that are answered from buckets of one width. */
export interface DownsampledPiece {
  readonly resolution: number;
  /** Buckets end at the multiples of the resolution after it, ms; absent: at the multiples themselves. */
  readonly phase?: number | undefined;
  /** Steps `[from, to)` of the request. */
  readonly from: number;
  readonly to: number;
  /** All buckets the windows of these steps touch, those made of newer samples included. */
  readonly series: readonly BucketColumns[];
}

export interface Downsampled {
  /** In the order of steps, from step 0 without a gap. */
  readonly pieces: readonly DownsampledPiece[];
  /** The samples of the steps after the last piece. */
  readonly raw: readonly SeriesColumns[];
  readonly warnings?: readonly string[];
  /** In words: which resolution, up to when, and why; absent where the samples themselves were summed up. */
  readonly note?: string | undefined;
}

export interface Queryable {
  /** Fails with the abort reason when `signal` aborts, and with a QueryError (`resource`, `storage`) otherwise. */
  select(request: SelectRequest, signal?: AbortSignal): Promise<SelectResult>;
  /** The same selection for reading series by series; null where samples must be fetched first. */
  scan?(request: SelectRequest): SeriesScan | null;
  pushdown?(request: PushdownRequest, signal?: AbortSignal): Promise<readonly GridSeries[] | null>;
  /** The same selection, its older part as buckets; null where samples are to be read as always. */
  downsampled?(request: DownsampleRequest, signal?: AbortSignal): Promise<Downsampled | null>;
}

const STALE_HIGH = 0x7ff00000;
const STALE_LOW = 2;
const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);

/**
 * Whether a value is Prometheus' staleness marker, bits 0x7ff0000000000002 (RW-6). Only meaningful for a value
 * just read from a typed array: arithmetic and structured clone change a NaN's bits.
 */
export function isStaleMarker(value: number): boolean {
  if (value === value) return false;
  scratch[0] = value;
  return words[0] === STALE_LOW && words[1] === STALE_HIGH;
}

/** Writes the staleness marker at an index, bit by bit. */
export function writeStaleMarker(values: Float64Array, index: number): void {
  const view = new Uint32Array(values.buffer, values.byteOffset + index * 8, 2);
  view[0] = STALE_LOW;
  view[1] = STALE_HIGH;
}
