import {
  acrossTenants,
  type ColumnBlock,
  dateTime64,
  type Engine,
  inList,
  join,
  RowBinaryWriter,
  type Sql,
  sql,
  table,
  tenant as tenantHole,
} from '../../engine/index.ts';
import { spanEdgesTable, spansTable } from '../tables.ts';
import { addCalls, type Calls, type Edge, type EdgeFilter, EdgeSums, NODE_TYPES, noCalls } from './edge.ts';
import { MINUTE_MS } from './find-edges.ts';
import type { Minutes } from './read-spans.ts';

const DAY_MS = 86_400_000;

/** One computation of a minute. */
export interface ComputedMinute {
  readonly minute: number;
  readonly version: number;
  /** Spans of the minute and its neighbours that it was computed from. */
  readonly seen: number;
  readonly edges: Iterable<Edge>;
}

/** Stores computed minutes of one day, each whole or not at all. */
export async function insertMinutes(
  engine: Pick<Engine, 'insert'>,
  tenant: string,
  day: number,
  minutes: readonly ComputedMinute[],
): Promise<void> {
  const writer = new RowBinaryWriter();
  const none = { caller: '', callee: '', type: 'service', errors: 0, duration: 0 } as const;
  for (const { minute, version, seen, edges } of minutes)
    for (const edge of [{ ...none, calls: seen, buckets: new Map<number, number>() }, ...edges]) {
      writer.string(tenant);
      writer.dateTime64(minute * MINUTE_MS);
      writer.int64(version);
      writer.string(edge.caller);
      writer.string(edge.callee);
      writer.string(edge.type);
      writer.int64(edge.calls);
      writer.int64(edge.errors);
      writer.float64(edge.duration);
      writer.varUint(edge.buckets.size);
      for (const bucket of edge.buckets.keys()) writer.uint8(bucket);
      writer.varUint(edge.buckets.size);
      for (const count of edge.buckets.values()) writer.int64(count);
      writer.endRow();
    }
  const { rows, payload } = writer.take();
  await engine.insert(
    { table: spanEdgesTable, schemaVersion: 1, rows, day, payload: [payload], reconcile: false },
    { purpose: 'traces.edges' },
  );
}

/** The UTC day of a minute, in days since the epoch. */
export function dayOf(minute: number): number {
  return Math.floor((minute * MINUTE_MS) / DAY_MS);
}

/** The stored edges of some minutes added up, leaving out those of `except`. */
export async function readEdges(
  engine: Pick<Engine, 'query'>,
  tenant: string,
  { from, to }: Minutes,
  except: readonly number[],
  signal?: AbortSignal,
): Promise<EdgeSums> {
  const block = await engine.query(
    sql`SELECT caller, callee, type, ${CALLS} FROM ${table(spanEdgesTable)}
      WHERE ${newest({ from, to }, except)} GROUP BY caller, callee, type`,
    { purpose: 'traces.topology', tenant, ...(signal !== undefined && { signal }) },
  );
  const sums = new EdgeSums();
  if (block.rows === 0) return sums;
  const [callers, callees, types] = [block.strings('caller'), block.strings('callee'), block.strings('type')];
  for (const [row, calls] of callsIn(block).entries())
    sums.add({
      caller: callers[row] ?? '',
      callee: callees[row] ?? '',
      type: NODE_TYPES.find((type) => type === types[row]) ?? 'external',
      ...calls,
    });
  return sums;
}

/** Calls by step. */
export type CallSteps = Map<number, Calls>;

/** The stored calls along some edges by steps of so many minutes, counted from the first; leaving out the minutes of `except`. */
export async function readSteps(
  engine: Pick<Engine, 'query'>,
  tenant: string,
  { from, to, step, between }: Minutes & { readonly step: number; readonly between: EdgeFilter },
  except: readonly number[],
  signal?: AbortSignal,
): Promise<CallSteps> {
  const { caller, callee } = between;
  const where = [
    newest({ from, to }, except),
    ...(caller === undefined ? [] : [sql`caller = ${caller}`]),
    ...(callee === undefined ? [] : [sql`callee = ${callee.callee}`, sql`type = ${callee.type}`]),
  ];
  const block = await engine.query(
    sql`SELECT toFloat64(intDiv(intDiv(toUnixTimestamp64Milli(minute), ${MINUTE_MS}) - ${from}, ${step})) AS place, ${CALLS}
      FROM ${table(spanEdgesTable)} WHERE ${join(where, ' AND ')} GROUP BY place`,
    { purpose: 'traces.topology', tenant, ...(signal !== undefined && { signal }) },
  );
  const steps: CallSteps = new Map();
  if (block.rows === 0) return steps;
  const places = block.numbers('place');
  for (const [row, calls] of callsIn(block).entries()) addStep(steps, places[row] ?? 0, calls);
  return steps;
}

export function addStep(steps: CallSteps, step: number, calls: Calls): void {
  let sum = steps.get(step);
  if (sum === undefined) steps.set(step, (sum = noCalls()));
  addCalls(sum, calls);
}

const CALLS = sql`toFloat64(sum(calls)) AS n, toFloat64(sum(errors)) AS failed, sum(duration) AS nanos,
  sumMap(buckets, counts) AS histogram, arrayMap(b -> toFloat64(b), histogram.1) AS places, arrayMap(c -> toFloat64(c), histogram.2) AS found`;

/** The newest computation of each minute. */
function newest({ from, to }: Minutes, except: readonly number[]): Sql {
  const time: Sql[] = [
    sql`minute >= ${dateTime64(from * MINUTE_MS)}`,
    sql`minute < ${dateTime64(to * MINUTE_MS)}`,
  ];
  if (except.length > 0)
    time.push(sql`intDiv(toUnixTimestamp64Milli(minute), ${MINUTE_MS}) NOT IN ${inList(except)}`);
  const where = join(time, ' AND ');
  return sql`tenant = ${tenantHole} AND callee != '' AND ${where} AND (minute, version) IN
    (SELECT minute, max(version) FROM ${table(spanEdgesTable)} WHERE tenant = ${tenantHole} AND ${where} GROUP BY minute)`;
}

/** What {@link CALLS} selected, row by row. */
function callsIn(block: ColumnBlock): Calls[] {
  const [calls, errors, durations] = [block.numbers('n'), block.numbers('failed'), block.numbers('nanos')];
  const { offsets, items: places } = block.array('places');
  const { items: found } = block.array('found');
  return Array.from({ length: block.rows }, (_, row) => {
    const buckets = new Map<number, number>();
    for (let i = row === 0 ? 0 : (offsets[row - 1] ?? 0); i < (offsets[row] ?? 0); i++)
      if (places.kind === 'float64' && found.kind === 'float64')
        buckets.set(places.data[i] ?? 0, found.data[i] ?? 0);
    return {
      calls: calls[row] ?? 0,
      errors: errors[row] ?? 0,
      duration: durations[row] ?? 0,
      buckets,
    };
  });
}

/** Which minutes from a time on (epoch ms) were computed from other spans than are there now, by tenant; and the newest version of all. */
export async function staleMinutes(
  engine: Pick<Engine, 'query'>,
  since: number,
  signal: AbortSignal,
): Promise<{ readonly stale: ReadonlyMap<string, readonly number[]>; readonly version: number }> {
  const options = { purpose: 'traces.edges', tenant: '', limits: 'background', signal } as const;
  const spans = await engine.query(
    sql`${acrossTenants}SELECT tenant, toFloat64(intDiv(toUnixTimestamp64Milli(ts), ${MINUTE_MS})) AS m, toFloat64(count()) AS n
      FROM ${table(spansTable)} WHERE ts >= ${dateTime64(since)} GROUP BY tenant, m`,
    options,
  );
  const computed = await engine.query(
    sql`${acrossTenants}SELECT tenant, toFloat64(intDiv(toUnixTimestamp64Milli(minute), ${MINUTE_MS})) AS m,
        toFloat64(argMax(calls, version)) AS n, toFloat64(max(version)) AS newest
      FROM ${table(spanEdgesTable)} WHERE minute >= ${dateTime64(since)} AND callee = '' GROUP BY tenant, m`,
    options,
  );
  const seen = new Map<string, number>();
  let version = 0;
  const [ofMinute, seenBy, versions] = [
    computed.numbers('m'),
    computed.numbers('n'),
    computed.numbers('newest'),
  ];
  for (const [row, tenant] of computed.strings('tenant').entries()) {
    seen.set(`${ofMinute[row]} ${tenant}`, seenBy[row] ?? 0);
    version = Math.max(version, versions[row] ?? 0);
  }
  const there = new Map<string, number>();
  const [minutes, counts] = [spans.numbers('m'), spans.numbers('n')];
  const tenants = spans.strings('tenant');
  for (const [row, tenant] of tenants.entries()) there.set(`${minutes[row]} ${tenant}`, counts[row] ?? 0);
  const stale = new Map<string, number[]>();
  for (const [row, tenant] of tenants.entries()) {
    const minute = minutes[row] ?? 0;
    const around = [minute - 1, minute, minute + 1];
    const total = around.reduce((sum, near) => sum + (there.get(`${near} ${tenant}`) ?? 0), 0);
    if (seen.get(`${minute} ${tenant}`) === total) continue;
    stale.set(tenant, [...(stale.get(tenant) ?? []), minute]);
  }
  return { stale, version };
}
