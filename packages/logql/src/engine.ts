import { compareLabels, Labels, QueryError } from '@pharos/promql';
import type { Series, VectorValue } from '@pharos/promql/vectors';
import { anyPresent } from '@pharos/promql/vectors';
import { executionError } from './errors.ts';
import type { EvalContext } from './eval/context.ts';
import { asQueryError, createContext } from './eval/context.ts';
import type { Steps } from './eval/evaluator.ts';
import { evaluate } from './eval/evaluator.ts';
import { readLogs } from './eval/logs.ts';
import type { EngineDependencies, InstantQuery, RangeQuery } from './options.ts';
import type { Expr, MetricExpr } from './parse/ast.ts';
import { parseExpr } from './parse/parser.ts';
import { rangesOf } from './plan/plan.ts';
import type { LogResult, LogSeries, MatrixResult, MetricInstantResult, QueryStats } from './result.ts';
import { formatQueryDuration } from './text/go-duration.ts';

export interface LogQueryEngine {
  /** Evaluates a metric query at one time. Rejects with a QueryError only. */
  instant(query: InstantQuery): Promise<MetricInstantResult>;
  /** Logs of a time, or a metric query at every step from `start` to `end`. Rejects with a QueryError only. */
  range(query: RangeQuery): Promise<LogResult | MatrixResult>;
}

/** An engine: parse -> plan -> stages and windows over whatever `LogStorage` a query names. It holds no state. */
export function createLogQueryEngine(dependencies: EngineDependencies = {}): LogQueryEngine {
  return {
    instant: (query) => guarded(query, () => runInstant(dependencies, query)),
    range: (query) => guarded(query, () => runRange(dependencies, query)),
  };
}

async function guarded<T>(
  { signal }: { readonly signal?: AbortSignal | undefined },
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw asQueryError(error, signal);
  }
}

function badData(message: string): QueryError {
  return new QueryError('bad_data', message);
}

async function runInstant(
  dependencies: EngineDependencies,
  query: InstantQuery,
): Promise<MetricInstantResult> {
  const expr = parseExpr(query.query);
  if (expr.kind === 'log')
    throw badData(
      'log queries are not supported as an instant query type, please change your query to a range query type',
    );
  const context = createContext(dependencies, query);
  const watch = stopwatch(dependencies);
  const steps: Steps = { start: query.time, stepNs: 1, count: 1, instant: true };
  checkLength(context, expr, steps);
  const value = await evaluate(context, expr, steps);
  const { time } = query;
  if (value.type === 'scalar')
    return {
      type: 'scalar',
      time,
      value: value.values[0] ?? Number.NaN,
      stats: statsOf(context, watch(), 0, 0),
    };
  const series = value.series.filter(({ present }) => present[0] === 1);
  checkSeries(context, series.length);
  const samples = series.map(({ labels, values }) => ({ labels, value: values[0] ?? Number.NaN }));
  if (!isOrdered(expr)) samples.sort((a, b) => compareLabels(a.labels, b.labels));
  return { type: 'vector', time, samples, stats: statsOf(context, watch(), 0, samples.length) };
}

/** Operators whose answer has an order of its own. */
const ORDERED: ReadonlySet<string> = new Set(['sort', 'sort_desc', 'topk', 'bottomk', 'approx_topk']);

function isOrdered(expr: Expr): boolean {
  return expr.kind === 'aggregate' && ORDERED.has(expr.op);
}

async function runRange(
  dependencies: EngineDependencies,
  query: RangeQuery,
): Promise<LogResult | MatrixResult> {
  const expr = parseExpr(query.query);
  const context = createContext(dependencies, query);
  if (query.end < query.start) throw badData('end timestamp must not be before or equal to start time');
  const watch = stopwatch(dependencies);
  if (expr.kind !== 'log') return runMatrix(context, query, expr, watch);
  const { start, end, direction, limit, intervalNs = 0 } = query;
  const { maxEntries } = context.limits;
  if (!Number.isInteger(limit) || limit <= 0) throw badData('limit must be a positive value');
  if (limit > maxEntries)
    throw badData(
      `max entries limit per query exceeded, limit > max_entries_limit_per_query (${limit} > ${maxEntries})`,
    );
  if (intervalNs < 0) throw badData('interval must not be negative');
  requireLength(context, Number(end - start));
  const entries = await readLogs(context, expr, { start, end, direction, limit, intervalNs });
  return { type: 'streams', entries, stats: statsOf(context, watch(), entries.length, 0) };
}

async function runMatrix(
  context: EvalContext,
  { start, end, stepNs }: RangeQuery,
  expr: MetricExpr,
  watch: () => number,
): Promise<MatrixResult> {
  const { maxPoints } = context.limits;
  if (!(stepNs > 0))
    throw badData('zero or negative query resolution step widths are not accepted. Try a positive integer');
  const count = Math.floor(Number(end - start) / stepNs) + 1;
  if (count > maxPoints + 1)
    throw badData(
      `exceeded maximum resolution of ${maxPoints.toLocaleString('en-US')} points per time series. Try increasing the value of the step parameter`,
    );
  const steps: Steps = { start, stepNs, count, instant: false };
  checkLength(context, expr, steps);
  const value = await evaluate(context, expr, steps);
  const vector: Pick<VectorValue, 'series'> =
    value.type === 'vector' ? value : { series: [scalarSeries(value.values)] };
  const series: LogSeries[] = vector.series
    .filter(({ present }) => anyPresent(present))
    .map(({ labels, values, present }) => ({ labels, values, present }))
    .sort((a, b) => compareLabels(a.labels, b.labels));
  checkSeries(context, series.length);
  return { type: 'matrix', start, stepNs, count, series, stats: statsOf(context, watch(), 0, series.length) };
}

function scalarSeries(values: Float64Array): Series {
  return {
    labels: Labels.EMPTY,
    dropName: false,
    values,
    present: new Uint8Array(values.length).fill(1),
  };
}

function checkSeries({ limits }: EvalContext, count: number): void {
  if (count > limits.maxSeries)
    throw executionError(
      `maximum number of series (${limits.maxSeries}) reached for a single query: aggregate with sum, count or topk, or select fewer streams`,
    );
}

/** The whole time the query reads, range selectors included. */
function checkLength(context: EvalContext, expr: MetricExpr, { stepNs, count }: Steps): void {
  for (const { rangeNs } of rangesOf(expr)) requireLength(context, rangeNs + (count - 1) * stepNs);
}

function requireLength({ limits }: EvalContext, lengthNs: number): void {
  if (lengthNs > limits.maxLengthNs)
    throw badData(
      `the query time range exceeds the limit (query length: ${formatQueryDuration(Math.trunc(lengthNs / 1e6) * 1e6)}, limit: ${formatQueryDuration(limits.maxLengthNs)})`,
    );
}

/** Seconds since the call; 0 without a clock. */
function stopwatch({ now }: EngineDependencies): () => number {
  const start = now?.() ?? 0;
  return () => ((now?.() ?? 0) - start) / 1000;
}

function statsOf({ tally }: EvalContext, seconds: number, entries: number, series: number): QueryStats {
  return {
    linesProcessed: tally.lines,
    bytesProcessed: tally.bytes,
    linesKept: tally.kept,
    entriesReturned: entries,
    seriesReturned: series,
    pushedDown: tally.pushedDown,
    seconds,
  };
}
