import { QueryError } from '@pharos/promql';
import type { Dialect } from '@pharos/promql/vectors';
import { Budget } from '@pharos/promql/vectors';
import { executionError } from '../errors.ts';
import type { EngineDependencies } from '../options.ts';
import type { StageContext } from '../stages/types.ts';
import type { LogBatch, LogStorage } from '../storage.ts';

/** Where LogQL is not PromQL: nothing divides by zero. */
const LOGQL: Dialect = {
  operators: {
    '/': (left, right) => (right === 0 ? Number.NaN : left / right),
    '%': (left, right) => (right === 0 ? Number.NaN : left % right),
  },
  duplicateSeries: (side) =>
    `found duplicate series on the ${side} hand-side;many-to-many matching not allowed: matching labels must be unique on one side`,
};

const DEFAULT_LIMITS = {
  maxEntries: 5000,
  maxSeries: 500,
  maxPoints: 11_000,
  maxSamples: 20_000_000,
  maxBytes: Number.POSITIVE_INFINITY,
  maxLengthNs: 721 * 3.6e12,
  timeoutMs: 60_000,
} as const;

type Limits = { readonly [K in keyof typeof DEFAULT_LIMITS]: number };

/** What one query has read and kept. */
class Tally {
  lines = 0;
  bytes = 0;
  kept = 0;
  pushedDown = 0;
}

/** What every part of one query's evaluation shares. */
export interface EvalContext {
  readonly storage: LogStorage;
  readonly signal: AbortSignal | undefined;
  readonly budget: Budget;
  readonly dialect: Dialect;
  readonly limits: Limits;
  readonly tally: Tally;
  readonly stages: StageContext;
  readonly pushdown: boolean;
}

export function createContext(
  { limits = {}, now, yieldNow, pushdown = true }: EngineDependencies,
  query: {
    readonly storage: LogStorage;
    readonly timeoutMs?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): EvalContext {
  const bounds: Limits = { ...DEFAULT_LIMITS, ...limits };
  const budget = new Budget({
    maxSamples: bounds.maxSamples,
    timeoutMs: Math.min(query.timeoutMs ?? Number.POSITIVE_INFINITY, bounds.timeoutMs),
    signal: query.signal,
    now,
    yieldNow,
  });
  return {
    storage: query.storage,
    signal: query.signal,
    budget,
    dialect: LOGQL,
    limits: bounds,
    tally: new Tally(),
    stages: { now: now ?? (() => 0) },
    pushdown,
  };
}

/** Counts a batch as read; fails when the query has read too much. */
export function tallyBatch({ tally, limits }: EvalContext, { lines, sizes }: LogBatch): void {
  tally.lines += lines.length;
  if (sizes === undefined) for (const line of lines) tally.bytes += Buffer.byteLength(line);
  else for (const size of sizes) tally.bytes += size;
  if (tally.bytes > limits.maxBytes)
    throw executionError(
      `the query would read too many bytes (limit: ${limits.maxBytes}): select fewer streams or a shorter time`,
    );
}

/** What a series costs beside its numbers, in samples: labels, keys and columns. */
export const SERIES_COST = 32;

/** Work of one line against the budget: a line costs about as much as so many samples. */
export function lineWork(line: string): number {
  return 40 + (line.length >> 2);
}

/** The storage may fail in its own ways; a query answers with its own errors only. */
export function asQueryError(error: unknown, signal: AbortSignal | undefined): QueryError {
  if (error instanceof QueryError) return error;
  if (signal?.aborted === true)
    return new QueryError('canceled', 'query was canceled in expression evaluation', { cause: error });
  const message = error instanceof Error ? error.message : String(error);
  return new QueryError('execution', `reading logs: ${message}`, { cause: error });
}
