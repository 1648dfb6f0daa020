import { sql, table, tenant as tenantHole } from '../../engine/index.ts';
import { ATTRIBUTE_COLUMNS, spansTable } from '../tables.ts';
import { type Conditions, conditionsOf, looksForSlow, options, type Reader } from './engine-conditions.ts';
import { hexOf } from './engine-spans.ts';
import { newestFirst, type TraceHit } from './memory-search.ts';
import { columnFilter, type SpanFilter, type TraceQuery } from './query.ts';

/** The newest flushed traces of a query. */
export async function findInEngine(
  engine: Reader,
  query: TraceQuery,
  signal?: AbortSignal,
): Promise<TraceHit[]> {
  const { limit } = query;
  const conditions = await conditionsOf(engine, query, signal);
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
  if (looksForPairs(query) && (await addFew(query))) return listed();
  const isIndexed = looksForSlow(query);
  let isFirstLook = true;
  for (let { to } = query, length = FIRST_SLICE_NS; to > query.from; ) {
    const from = to - length > query.from ? to - length : query.from;
    const part = { ...query, from, to };
    // Few are put in order here: there finding them takes up to a third longer.
    if (!areFew(to - from, query.to - to, found.size) || !(await addFew(part)))
      (await newestInEngine(engine, part, conditions, signal)).forEach(add);
    if (found.size >= limit || from <= query.from) break;
    to = from;
    const covered = query.to - to;
    // What the newest minutes have none of may be rare everywhere: then one look is enough, in any order.
    if (found.size === 0 && (isIndexed || covered >= RARE_NS) && isFirstLook) {
      isFirstLook = false;
      if (await addFew({ ...query, to })) break;
    }
    // Where an index tells what not to read, a longer look costs less than another one.
    const isLast = isIndexed && areFew(to - query.from, covered, found.size);
    length = isLast ? to - query.from : nextSlice(covered, found.size, limit);
  }
  return listed();
}

/** The newest traces of a slice of time: as many as were asked for, as some may be of traces that a newer slice had. */
async function newestInEngine(
  engine: Reader,
  query: TraceQuery,
  conditions: Conditions,
  signal: AbortSignal | undefined,
): Promise<TraceHit[]> {
  const block = await engine.query(
    sql`SELECT trace_id, toInt64(toUnixTimestamp64Nano(ts)) AS time FROM ${table(spansTable)}
      WHERE tenant = ${tenantHole} AND ${conditions(query)}
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
  conditions: Conditions,
  signal: AbortSignal | undefined,
): Promise<TraceHit[] | undefined> {
  const block = await engine.query(
    sql`SELECT trace_id, toInt64(toUnixTimestamp64Nano(ts)) AS time FROM ${table(spansTable)}
      WHERE tenant = ${tenantHole} AND ${conditions(query)} LIMIT ${FEW + 1}`,
    // What an index leaves few blocks of is a look-up.
    { ...options('traces.search', query.tenant, signal), ...(looksForSlow(query) && { limits: 'lookup' }) },
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

/** The newest minute, where most searches end: the engine reads all of a range before it knows which spans are the newest. */
const FIRST_SLICE_NS = 60_000_000_000n;
/** So much longer at least, so that a search over a week that finds little asks seven times. */
const SLICE_GROWTH = 7n;
/** So much longer where nothing was found. */
const GROWTH_OF_NONE = 15n;
/** What is not in the newest so many is looked for in all of the rest. */
const RARE_NS = FIRST_SLICE_NS * (1n + GROWTH_OF_NONE);

/** Whether a range most likely has few matching spans, by how many traces were found in what is covered. */
function areFew(length: bigint, covered: bigint, found: number): boolean {
  return found > 0 && length * BigInt(found) * MOST_SPANS < covered * BigInt(FEW);
}

/** Matching spans of a trace, with room for times when there are more traces. */
const MOST_SPANS = 8n;

/** How long a range to look at next: where the rest is most likely, by how many of the traces were found in what is covered. */
export function nextSlice(covered: bigint, found: number, limit: number): bigint {
  if (found === 0) return covered * GROWTH_OF_NONE;
  // Half as much again, as they are not spread evenly.
  const expected = (covered * BigInt(limit - found) * 3n) / (BigInt(found) * 2n);
  const least = covered * SLICE_GROWTH;
  return expected > least ? expected : least;
}
