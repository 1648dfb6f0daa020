import type { Labels, Matcher } from '@pharos/promql';
import type { Grouping, LabelFilter, LineFilter } from './parse/ast.ts';

/**
 * The storage interface LogQL evaluates over. Implemented by the server's log store and by a memory store for tests
 * (`testing/memory-storage.ts`). Times are ns since the Unix epoch.
 */

export type Direction = 'forward' | 'backward';

/** What one selector of a query needs. */
export interface LogSelectRequest {
  readonly matchers: readonly Matcher[];
  /** Inclusive. */
  readonly start: bigint;
  /** Exclusive. */
  readonly end: bigint;
  /** The order of the entries of each batch. */
  readonly direction: Direction;
  readonly hints: SelectHints;
}

/**
 * What the storage may do ahead of the stages. It never needs to: the evaluator applies every stage again. What it drops
 * must be what these filters drop, exactly.
 */
export interface SelectHints {
  /**
   * All must hold, on the line as it is stored: `|=` is a substring of bytes, `|~` an RE2 match anywhere in which `.` is no
   * newline, `|>` the shape of the whole line.
   */
  readonly lineFilters: readonly LineFilter[];
  /** All must hold, on stream labels and structured metadata; only conditions on text, none of which can fail. */
  readonly labelFilters: readonly LabelFilter[];
  /** Nothing but these filters decides about an entry. */
  readonly exact: boolean;
  /** So many entries that pass suffice, the first ones in `direction`; given only where the filters are exact. */
  readonly limit?: number | undefined;
  /** The lines themselves are not looked at: with `sizes`, they may be empty. */
  readonly linesUnused: boolean;
}

/** Entries of one stream, as columns. The storage owns the arrays and may use them again after the next batch was asked for. */
export interface LogBatch {
  /** Sorted by name, no two equal. */
  readonly stream: Labels;
  /** In the order of the request's direction. */
  readonly timestamps: BigInt64Array;
  /** Aligned with `timestamps`. */
  readonly lines: readonly string[];
  /** Structured metadata of each entry; a label without a value counts. Absent where no entry has any. */
  readonly metadata?: readonly Labels[] | undefined;
  /** Bytes of each line in UTF-8, where the storage knows them. */
  readonly sizes?: Uint32Array | undefined;
  /** A promise: no later batch holds an entry that comes before this time in the request's direction. */
  readonly horizon?: bigint | undefined;
}

/** Windows `(end + k*step - range, end + k*step]` for k in `[0, count)`. */
export interface CountWindows {
  /** Of the first window. */
  readonly end: bigint;
  readonly stepNs: number;
  readonly rangeNs: number;
  readonly count: number;
}

/** Lines or bytes per window, counted by the storage; asked only where the filters are all there is. */
export interface CountRequest {
  readonly matchers: readonly Matcher[];
  readonly lineFilters: readonly LineFilter[];
  readonly labelFilters: readonly LabelFilter[];
  readonly what: 'lines' | 'bytes';
  readonly windows: CountWindows;
  /** How series are added up; undefined: by stream and structured metadata together. */
  readonly grouping: Grouping | undefined;
}

export interface CountedSeries {
  readonly labels: Labels;
  /** One per window. */
  readonly values: Float64Array;
  /** 1 where any line fell into the window. */
  readonly present: Uint8Array;
}

export interface LogStorage {
  /**
   * The entries of the streams that match, batch by batch, batches in any order. Fails with the abort reason when `signal`
   * aborts. Whoever reads may stop early, which ends the iteration by `return`.
   */
  select(request: LogSelectRequest, signal?: AbortSignal): AsyncIterable<LogBatch>;
  /** Null where the storage cannot, or the answer would not be exact: then the entries are read. */
  count?(request: CountRequest, signal?: AbortSignal): Promise<readonly CountedSeries[] | null>;
}
