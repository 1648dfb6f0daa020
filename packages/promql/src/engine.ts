import { QueryError } from './errors.ts';
import { Annotations } from './eval/annotations.ts';
import { Budget } from './eval/budget.ts';
import type { EvalContext } from './eval/context.ts';
import { Evaluator } from './eval/evaluator.ts';
import { fetchSelections } from './eval/fetch.ts';
import type { Run } from './eval/render.ts';
import { instantResult, rangeResult } from './eval/render.ts';
import { SharedCalls } from './eval/shared-calls.ts';
import { ScanAbandoned } from './eval/stream.ts';
import type { EngineDependencies, InstantQuery, RangeQuery } from './options.ts';
import type { Expr } from './parse/ast.ts';
import { typeOf } from './parse/check.ts';
import { ParsedTexts } from './parse/parsed.ts';
import { findInvariants } from './plan/invariant.ts';
import { resolve } from './plan/resolve.ts';
import { findShared } from './plan/shared.ts';
import { findStatsOnly } from './plan/stats-only.ts';
import type { Grid, InstantResult, RangeResult } from './result.ts';

const DEFAULT_MAX_SAMPLES = 50_000_000;
const DEFAULT_MAX_POINTS = 11_000;
const DEFAULT_TIMEOUT_MS = 120_000;
const DEFAULT_LOOKBACK_MS = 300_000;
const DEFAULT_SUBQUERY_STEP_MS = 60_000;

export interface QueryEngine {
  /** Evaluates a query at one time. Rejects with a QueryError only. */
  instant(query: InstantQuery): Promise<InstantResult>;
  /** Evaluates a query at every step from `start` to `end`, both included. Rejects with a QueryError only. */
  range(query: RangeQuery): Promise<RangeResult>;
}

/** An engine: parse -> plan -> evaluate over whatever `Queryable` a query names. It remembers what the last texts say, and nothing else. */
export function createQueryEngine(dependencies: EngineDependencies = {}): QueryEngine {
  const texts = new ParsedTexts(dependencies.options);
  return {
    async instant(query) {
      const expr = query.expr ?? texts.parse(query.query);
      const grid: Grid = { start: query.time, step: 1, count: 1 };
      const run = await evaluate(dependencies, query, expr, grid);
      return instantResult(run, query.time);
    },
    async range(query) {
      const grid = rangeGrid(query, dependencies.limits?.maxPoints ?? DEFAULT_MAX_POINTS);
      const expr = texts.parse(query.query);
      const type = typeOf(expr);
      if (type !== 'vector' && type !== 'scalar') throw notRangeable(type);
      const run = await evaluate(dependencies, query, expr, grid);
      return rangeResult(run, grid);
    },
  };
}

function notRangeable(type: 'matrix' | 'string'): QueryError {
  const shown = type === 'matrix' ? 'range vector' : 'string';
  return new QueryError(
    'bad_data',
    `invalid expression type "${shown}" for range query, must be Scalar or instant Vector`,
  );
}

function rangeGrid(query: RangeQuery, maxPoints: number): Grid {
  const { start, end, step } = query;
  if (!(step > 0))
    throw new QueryError(
      'bad_data',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  if (!(end >= start)) throw new QueryError('bad_data', 'end timestamp must not be before start time');
  const count = Math.floor((end - start) / step) + 1;
  if (count > maxPoints + 1)
    throw new QueryError(
      'bad_data',
      `exceeded maximum resolution of ${maxPoints.toLocaleString('en-US')} points per timeseries. Try decreasing the query resolution (?step=XX)`,
    );
  return { start, step, count };
}

type AnyQuery = InstantQuery | RangeQuery;

/**
 * Reads series while it evaluates where the storage offers that; where the storage moved on meanwhile, or holds what
 * scans are not made for, it starts again with everything fetched first.
 */
async function evaluate(
  dependencies: EngineDependencies,
  query: AnyQuery,
  expr: Expr,
  grid: Grid,
): Promise<Run> {
  try {
    const run = await evaluateOnce(dependencies, query, { expr, grid, scan: true });
    if (run !== undefined) return run;
  } catch (error) {
    if (!(error instanceof ScanAbandoned)) throw asQueryError(error, query.signal);
  }
  try {
    const run = await evaluateOnce(dependencies, query, { expr, grid, scan: false });
    if (run === undefined) throw new TypeError('a query without scans cannot be incomplete');
    return run;
  } catch (error) {
    throw asQueryError(error, query.signal);
  }
}

/** Undefined when a scan turned out not to be whole. */
async function evaluateOnce(
  dependencies: EngineDependencies,
  query: AnyQuery,
  { expr, grid, scan }: { readonly expr: Expr; readonly grid: Grid; readonly scan: boolean },
): Promise<Run | undefined> {
  const context = makeContext(dependencies, query, grid);
  const plan = resolve(expr, context.query);
  const invariants = grid.count > 1 ? findInvariants(plan) : new Set<Expr>();
  const settings = {
    lookbackMs: context.lookbackMs,
    subqueryStepMs: dependencies.options?.subqueryStepMs ?? DEFAULT_SUBQUERY_STEP_MS,
    invariants,
  };
  const { queryable } = query;
  const fetched = await fetchSelections(plan, { context, queryable, settings, grid, query, scan });
  const evaluator = new Evaluator(context, fetched, {
    ...settings,
    statsOnly: findStatsOnly(plan),
    shared: new SharedCalls(findShared(plan, invariants), grid),
  });
  const value = await evaluator.evaluate(plan, grid);
  if (!fetched.isWhole()) return undefined;
  const stats = {
    samplesRead: fetched.samplesRead,
    seriesRead: fetched.seriesRead,
    pushedDown: fetched.pushed.size,
    downsampled: fetched.downsampled,
    peakSamples: context.budget.peakSamples,
  };
  return { value, context, stats };
}

function makeContext(dependencies: EngineDependencies, query: AnyQuery, grid: Grid): EvalContext {
  const { limits = {}, options = {}, now, yieldNow, windowThread } = dependencies;
  const budget = new Budget({
    maxSamples: limits.maxSamples ?? DEFAULT_MAX_SAMPLES,
    timeoutMs: Math.min(query.timeoutMs ?? Number.POSITIVE_INFINITY, limits.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    signal: query.signal,
    now,
    yieldNow,
  });
  return {
    text: query.query,
    annotations: new Annotations(query.query),
    budget,
    options,
    windowThread,
    query: { ...grid, end: 'end' in query ? query.end : query.time },
    lookbackMs: query.lookbackMs ?? options.lookbackMs ?? DEFAULT_LOOKBACK_MS,
  };
}

/** The storage may fail in its own ways; a query answers with its own errors only. */
function asQueryError(error: unknown, signal: AbortSignal | undefined): QueryError {
  if (error instanceof QueryError) return error;
  if (signal?.aborted === true)
    return new QueryError('canceled', 'query was canceled in expression evaluation', { cause: error });
  const message = error instanceof Error ? error.message : String(error);
  return new QueryError('execution', `expanding series: ${message}`, { cause: error });
}
