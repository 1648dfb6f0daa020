import type { WindowThread } from './eval/window-thread.ts';
import type { Expr } from './parse/ast.ts';
import type { ParserOptions } from './parse/cursor.ts';
import type { Queryable } from './storage.ts';

/** Bounds of one query; what exceeds them fails with Prometheus' texts. */
export interface QueryLimits {
  /** Samples held at once, inputs and intermediate results; default 50 million. */
  readonly maxSamples?: number;
  /** Points per series of a range query; default 11,000. */
  readonly maxPoints?: number;
  /** Wall-clock ms; default 120,000. Needs `now`. */
  readonly timeoutMs?: number;
}

export interface EngineOptions extends ParserOptions {
  /** Default 5 minutes. */
  readonly lookbackMs?: number;
  /** Step of a subquery that names none; default 1 minute. */
  readonly subqueryStepMs?: number;
  /** Drop metric names at the end instead of at each operation (Prometheus' promql-delayed-name-removal). */
  readonly delayedNameRemoval?: boolean;
  /** Resets and beginnings of counters are read from start times too (Prometheus' use-start-timestamps). */
  readonly startTimestamps?: boolean;
  /** Allow the storage to compute aggregations (`Queryable.pushdown`); default true. */
  readonly pushdown?: boolean;
}

export interface EngineDependencies {
  readonly limits?: QueryLimits;
  readonly options?: EngineOptions;
  /** Lets other work run; called every few milliseconds of evaluation. Default: no pause. */
  readonly yieldNow?: () => Promise<void>;
  /** Where long work over the windows of one series is done; without one, here and part by part. */
  readonly windowThread?: WindowThread;
  /** A clock in ms, for the timeout and for spacing the pauses. */
  readonly now?: () => number;
}

interface QueryBase {
  readonly query: string;
  readonly queryable: Queryable;
  readonly lookbackMs?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Times in ms since the Unix epoch. */
export interface InstantQuery extends QueryBase {
  /** What `query` says, where the caller keeps it parsed: rules ask the same for weeks. */
  readonly expr?: Expr | undefined;
  readonly time: number;
}

export interface RangeQuery extends QueryBase {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}
