import type { Direction, LogStorage } from './storage.ts';

/** Bounds of one query (LQ-8); what exceeds them fails with a text that names the bound. */
export interface QueryLimits {
  /** Entries a log query may ask for; default 5000. */
  readonly maxEntries?: number;
  /** Series of a metric answer; default 500. */
  readonly maxSeries?: number;
  /** Points per series of a range query; default 11,000. */
  readonly maxPoints?: number;
  /** Samples and steps held at once; default 20 million. */
  readonly maxSamples?: number;
  /** Bytes of lines one query may read; default none. */
  readonly maxBytes?: number;
  /** Time a query may span, range selectors included, in ns; default 721 h. */
  readonly maxLengthNs?: number;
  /** Wall-clock ms; default 60,000. Needs `now`. */
  readonly timeoutMs?: number;
}

export interface EngineDependencies {
  readonly limits?: QueryLimits;
  /** Allow the storage to count (`LogStorage.count`); default true. */
  readonly pushdown?: boolean;
  /** Lets other work run; called every few milliseconds of evaluation. Default: no pause. */
  readonly yieldNow?: () => Promise<void>;
  /** A clock in ms since the Unix epoch, for the timeout, for spacing the pauses and for the template function `now`. */
  readonly now?: () => number;
}

interface QueryBase {
  readonly query: string;
  readonly storage: LogStorage;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Times in ns since the Unix epoch. */
export interface InstantQuery extends QueryBase {
  readonly time: bigint;
}

export interface RangeQuery extends QueryBase {
  readonly start: bigint;
  /** Of a log query not included, of a metric query the last step or after it (LQ-2). */
  readonly end: bigint;
  /** Metric queries only. */
  readonly stepNs: number;
  /** Log queries only: entries over all streams. */
  readonly limit: number;
  readonly direction: Direction;
  /** Log queries only: at least so far apart; 0 for every entry. */
  readonly intervalNs?: number | undefined;
}
