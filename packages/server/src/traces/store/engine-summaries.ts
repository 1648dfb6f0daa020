import { join, sql, table, tenant as tenantHole } from '../../engine/index.ts';
import { spansTable } from '../tables.ts';
import { FAILED, idList, options, type Range, type Reader, rangeOf } from './engine-conditions.ts';
import { hexOf } from './engine-spans.ts';

/** What a flushed trace holds of one service. Nanoseconds since the epoch. */
export interface ServiceSummary {
  readonly traceId: string;
  readonly service: string;
  readonly spans: number;
  readonly errors: number;
  readonly start: bigint;
  readonly end: bigint;
  /** Whether its first span is a root; its name and kind. */
  readonly hasRoot: boolean;
  readonly firstName: string;
}

/** Summaries of flushed traces, one per trace and service. */
export async function summariesInEngine(
  engine: Reader,
  tenant: string,
  traceIds: readonly string[],
  within: Range,
  signal?: AbortSignal,
): Promise<ServiceSummary[]> {
  if (traceIds.length === 0) return [];
  const block = await engine.query(
    sql`SELECT trace_id, service, count() AS spans, countIf(${FAILED}) AS errors, min(time) AS first, max(time + toInt64(duration)) AS last,
        max(root) AS roots, argMin(name, tuple(1 - root, time)) AS first_name
      FROM (SELECT trace_id, service, name, failed, duration, toInt64(toUnixTimestamp64Nano(ts)) AS time,
          toUInt8(parent_id = toFixedString('', 8)) AS root
        FROM ${table(spansTable)} WHERE tenant = ${tenantHole} AND trace_id IN (${idList(traceIds)}) AND ${join(rangeOf(within), ' AND ')})
      GROUP BY trace_id, service`,
    options('traces.summaries', tenant, signal),
  );
  if (block.rows === 0) return [];
  const ids = hexOf(block, 'trace_id');
  const [services, names] = [block.strings('service'), block.strings('first_name')];
  const [spans, errors, roots] = [block.numbers('spans'), block.numbers('errors'), block.numbers('roots')];
  const [starts, ends] = [block.bigints('first'), block.bigints('last')];
  return ids.map((traceId, row) => ({
    traceId,
    service: services[row] ?? '',
    spans: spans[row] ?? 0,
    errors: errors[row] ?? 0,
    start: starts[row] ?? 0n,
    end: ends[row] ?? 0n,
    hasRoot: roots[row] === 1,
    firstName: names[row] ?? '',
  }));
}
