import { type ColumnBlock, type Sql, sql, table, tenant as tenantHole } from '../../engine/index.ts';
import { spansTable } from '../tables.ts';
import { conditionsOf, options, type Reader } from './engine-conditions.ts';
import { hexOf } from './engine-spans.ts';
import { isFailed, type TraceQuery } from './query.ts';
import type { StoredSpan } from './span.ts';

/** A trace as a plot shows it: by the longest of its spans that match. Nanoseconds, `time` since the epoch. */
export interface TracePoint {
  readonly traceId: string;
  readonly time: bigint;
  readonly duration: number;
  /** Whether any of its matching spans failed. */
  readonly failed: boolean;
  readonly service: string;
  readonly operation: string;
}

export interface StoredPoints {
  readonly points: readonly TracePoint[];
  /** Estimate of how many traces match (`uniq`, a few percent off). */
  readonly traces: number;
  /** One in so many traces was taken. */
  readonly every: number;
}

/**
 * Points spread over the whole of a query's time, unlike its newest traces: each trace has the same chance, by a hash of its id, so
 * that the same question has the same answer. What is rare and matters would be missed: the slowest are taken besides.
 */
export async function pointsInEngine(
  engine: Reader,
  query: TraceQuery,
  slowest: number,
  signal?: AbortSignal,
): Promise<StoredPoints> {
  const { tenant, limit } = query;
  const conditions = (await conditionsOf(engine, query, signal))(query);
  const counted = await engine.query(
    sql`SELECT uniq(trace_id) AS traces FROM ${table(spansTable)} WHERE tenant = ${tenantHole} AND ${conditions}`,
    options('traces.count', tenant, signal),
  );
  const traces = counted.rows === 0 ? 0 : (counted.numbers('traces')[0] ?? 0);
  if (traces === 0) return { points: [], traces, every: 1 };
  const every = Math.max(1, Math.ceil(traces / limit));
  const taken = every === 1 ? conditions : sql`${conditions} AND cityHash64(trace_id) % ${every} = 0`;
  const spread = await engine.query(
    sql`SELECT trace_id, toInt64(toUnixTimestamp64Nano(argMax(ts, duration))) AS time, max(duration) AS longest, max(failed) AS fails,
        argMax(service, duration) AS of, argMax(name, duration) AS operation
      FROM ${table(spansTable)} WHERE tenant = ${tenantHole} AND ${taken} GROUP BY trace_id LIMIT ${limit * 2}`,
    options('traces.points', tenant, signal),
  );
  const points = pointsOf(spread);
  if (every === 1) return { points, traces, every };
  return {
    points: [...points, ...(await slowestInEngine(engine, tenant, conditions, slowest, signal))],
    traces,
    every,
  };
}

/** The traces of a query with the longest matching spans, longest first. */
export async function slowestOfQuery(
  engine: Reader,
  query: TraceQuery,
  signal?: AbortSignal,
): Promise<TracePoint[]> {
  const conditions = (await conditionsOf(engine, query, signal))(query);
  return slowestInEngine(engine, query.tenant, conditions, query.limit, signal);
}

async function slowestInEngine(
  engine: Reader,
  tenant: string,
  conditions: Sql,
  limit: number,
  signal?: AbortSignal,
): Promise<TracePoint[]> {
  const block = await engine.query(
    sql`SELECT trace_id, toInt64(toUnixTimestamp64Nano(ts)) AS time, duration AS longest, failed AS fails, service AS of, name AS operation
      FROM ${table(spansTable)} WHERE tenant = ${tenantHole} AND ${conditions}
      ORDER BY duration DESC LIMIT 1 BY trace_id LIMIT ${limit}`,
    options('traces.slowest', tenant, signal),
  );
  return pointsOf(block);
}

function pointsOf(block: ColumnBlock): TracePoint[] {
  if (block.rows === 0) return [];
  const [times, durations, fails] = [block.bigints('time'), block.numbers('longest'), block.numbers('fails')];
  const [services, operations] = [block.strings('of'), block.strings('operation')];
  return hexOf(block, 'trace_id').map((traceId, row) => ({
    traceId,
    time: times[row] ?? 0n,
    duration: durations[row] ?? 0,
    failed: fails[row] === 1,
    service: services[row] ?? '',
    operation: operations[row] ?? '',
  }));
}

/** Matching spans as points, one per trace. */
export function pointsOfSpans(spans: readonly StoredSpan[]): TracePoint[] {
  return onePerTrace(
    spans.map((span) => ({
      traceId: span.traceId,
      time: span.start,
      duration: span.duration,
      failed: isFailed(span),
      service: span.service,
      operation: span.name,
    })),
  );
}

/** Of several points of a trace the longest; it failed when any did. */
export function onePerTrace(points: readonly TracePoint[]): TracePoint[] {
  const found = new Map<string, TracePoint>();
  for (const point of points) {
    const known = found.get(point.traceId);
    const longer = known === undefined || point.duration > known.duration ? point : known;
    found.set(point.traceId, { ...longer, failed: point.failed || known?.failed === true });
  }
  return [...found.values()];
}
