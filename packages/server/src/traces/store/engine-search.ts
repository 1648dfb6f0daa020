import { join, type Sql, sql, table, tenant as tenantHole } from '../../engine/index.ts';
import { ATTRIBUTE_COLUMNS, spansTable } from '../tables.ts';
import { conditionsOf, options, type Range, type Reader, rangeOf } from './engine-conditions.ts';
import { hexOf } from './engine-spans.ts';
import { newestFirst, type TraceHit } from './memory-search.ts';
import { columnFilter, type SpanFilter, type TraceQuery } from './query.ts';

/** The newest flushed traces of a query. */
export async function findInEngine(
  engine: Reader,
  query: TraceQuery,
  signal?: AbortSignal,
): Promise<TraceHit[]> {
  const { tenant, limit } = query;
  const conditions = await conditionsOf(engine, tenant, query, signal);
  const found = new Map<string, bigint>();
  const add = ({ traceId, time }: TraceHit): void => {
    if (found.size < limit && !found.has(traceId)) found.set(traceId, time);
  };
  const addFew = async (part: TraceQuery): Promise<boolean> => {
    const few = await fewInEngine(engine, part, conditions, signal);
    few?.forEach(add);
    return few !== undefined;
  };
  const listed = (): TraceHit[] => [...found].map(([traceId, time]) => ({ traceId, time }));
  // What only the index over pairs finds is in next to no span, or in very many.
  const isRare = looksForPairs(query);
  if (isRare && (await addFew(query))) return listed();
  for (const slice of newestSlices(query)) {
    (await newestInEngine(engine, { ...query, ...slice }, conditions, signal)).forEach(add);
    if (found.size >= limit || slice.from <= query.from) break;
    // What the newest seconds have too little of may be rare everywhere: then one look is enough, in any order.
    if (!isRare && slice.to === query.to && (await addFew({ ...query, to: slice.from }))) break;
  }
  return listed();
}

/** The newest traces of a slice of time: as many as were asked for, as some may be of traces that a newer slice had. */
async function newestInEngine(
  engine: Reader,
  query: TraceQuery,
  conditions: readonly Sql[],
  signal: AbortSignal | undefined,
): Promise<TraceHit[]> {
  const block = await engine.query(
    sql`SELECT trace_id, toInt64(toUnixTimestamp64Nano(ts)) AS time FROM ${table(spansTable)}
      WHERE tenant = ${tenantHole} AND ${join([...rangeOf(query), ...conditions], ' AND ')}
      ORDER BY ts DESC LIMIT 1 BY trace_id LIMIT ${query.limit}`,
    options('traces.search', query.tenant, signal),
  );
  if (block.rows === 0) return [];
  const times = block.bigints('time');
  return hexOf(block, 'trace_id').map((traceId, row) => ({ traceId, time: times[row] ?? 0n }));
}

/** Spans that are looked at for what has few. */
const FEW = 2000;

/** Whether the filter names an attribute that is found through the index over pairs alone. */
function looksForPairs({ attributes = [] }: SpanFilter): boolean {
  return attributes.some(([key, value]) => columnFilter(key, value) === null && !ATTRIBUTE_COLUMNS.has(key));
}

/** The newest traces of a query that few spans of the whole range satisfy, by one statement; undefined where there are more. */
async function fewInEngine(
  engine: Reader,
  query: TraceQuery,
  conditions: readonly Sql[],
  signal: AbortSignal | undefined,
): Promise<TraceHit[] | undefined> {
  const block = await engine.query(
    sql`SELECT trace_id, toInt64(toUnixTimestamp64Nano(ts)) AS time FROM ${table(spansTable)}
      WHERE tenant = ${tenantHole} AND ${join([...rangeOf(query), ...conditions], ' AND ')} LIMIT ${FEW + 1}`,
    options('traces.search', query.tenant, signal),
  );
  if (block.rows > FEW) return undefined;
  if (block.rows === 0) return [];
  const newest = new Map<string, bigint>();
  const times = block.bigints('time');
  for (const [row, id] of hexOf(block, 'trace_id').entries()) {
    const time = times[row] ?? 0n;
    if (time > (newest.get(id) ?? -1n)) newest.set(id, time);
  }
  return [...newest]
    .map(([traceId, time]) => ({ traceId, time }))
    .sort(newestFirst)
    .slice(0, query.limit);
}

/** The newest seconds, where most searches end; then ever longer, so that a search over a week that finds little asks seven times. */
const FIRST_SLICE_NS = 15_000_000_000n;
const SLICE_GROWTH = 8n;

/** A range in pieces, newest first, that do not overlap: the engine reads all of a range before it knows which are the newest. */
export function* newestSlices({ from, to }: Range): Generator<Range> {
  let length = FIRST_SLICE_NS;
  for (let end = to; end > from; length *= SLICE_GROWTH) {
    const start = end - length > from ? end - length : from;
    yield { from: start, to: end };
    end = start;
  }
}
