import { Labels } from '@pharos/promql';
import {
  type ColumnBlock,
  type Engine,
  inList,
  join,
  type LimitClass,
  MAX_LIST,
  type Sql,
  sql,
  table,
  tenant as tenantHole,
  uint64,
} from '../../engine/index.ts';
import { logStreamsTable, logsTable } from '../tables.ts';
import { hasWords, NEVER } from './line-conditions.ts';
import type { MemoryLine } from './memory-search.ts';
import { nanosTime } from './nanos-time.ts';
import { comparePlaces, type LineFilter, type LinePlace, type LineQuery } from './query.ts';
import type { TimeWindow } from './stream-catalogue.ts';
import { textParts } from './text-windows.ts';

/** Of a window whose first lines most likely suffice this part is read first. */
const FIRST_PART = 128n;

/** Flushed lines of a query, the first `limit` in its direction. */
export async function searchEngine(
  engine: Pick<Engine, 'query'>,
  query: LineQuery,
  signal?: AbortSignal,
): Promise<readonly MemoryLine[]> {
  const texts = (query.words ?? []).map((text) => ({ text, isWord: true }));
  const search = {
    tenant: query.tenant,
    window: windowOf(query),
    texts,
    backward: query.direction === 'backward',
  };
  const found: MemoryLine[] = [];
  for await (const { window, times } of textParts(engine, search, signal)) {
    if (times.includes(NEVER)) continue;
    for (const part of partsOf(query, window)) {
      const limit = query.limit - found.length;
      for (const line of await searchWindow(engine, { ...query, ...part, times, limit }, signal))
        found.push(line);
      if (found.length >= query.limit) return found;
    }
  }
  return found;
}

/** With conditions on the time of what has the words. */
interface TimedQuery extends LineQuery {
  readonly times: readonly Sql[];
}

/** What comes after a place begins at its time. */
function windowOf({ from, to, after, direction }: LineQuery): TimeWindow {
  if (after === undefined) return { from, to };
  return direction === 'backward'
    ? { from, to: after.time + 1n < to ? after.time + 1n : to }
    : { from: after.time > from ? after.time : from, to };
}

/** A window in the query's direction: in two where lines are common, as the engine opens every part of the table before it has enough. */
function partsOf({ direction, ...filter }: LineQuery, { from, to }: TimeWindow): readonly TimeWindow[] {
  const { words = [], trace, request, metadata } = filter;
  const isRare = words.length > 0 || trace !== undefined || request !== undefined || metadata !== undefined;
  const length = (to - from) / FIRST_PART;
  if (isRare || length <= 0n) return [{ from, to }];
  return direction === 'backward'
    ? [
        { from: to - length, to },
        { from, to: to - length },
      ]
    : [
        { from, to: from + length },
        { from: from + length, to },
      ];
}

async function searchWindow(
  engine: Pick<Engine, 'query'>,
  query: TimedQuery,
  signal?: AbortSignal,
): Promise<readonly MemoryLine[]> {
  const sign = query.direction === 'backward' ? -1 : 1;
  const inOrder = (lines: readonly MemoryLine[]): MemoryLine[] =>
    [...lines].sort((a, b) => sign * comparePlaces(a.place, b.place));
  if (query.times.length > 0) {
    // Few lines hold what somebody looks for: without an order that is known for half of the work.
    const few = await select(
      engine,
      { ...query, limit: query.limit + 1 },
      conditionsText(query, []),
      signal,
      'lookup',
    );
    if (few.length <= query.limit) return inOrder(few);
  }
  // By time alone the engine stops reading when it has enough. One line more than asked for tells whether all of the last time are there;
  // if not, these are read again, in the order of places.
  const first = await select(
    engine,
    { ...query, limit: query.limit + 1 },
    sql`${conditionsText(query, [])} ORDER BY ${sign < 0 ? sql`ts DESC` : sql`ts`}`,
    signal,
  );
  if (first.length <= query.limit) return inOrder(first);
  const wanted = first.slice(0, query.limit);
  const last = wanted.at(-1)?.place.time;
  if (last === undefined || first.at(-1)?.place.time !== last) return inOrder(wanted);
  const order = sign < 0 ? sql`stream DESC, id DESC` : sql`stream, id`;
  const ties = await select(
    engine,
    query,
    sql`${conditionsText(query, [sql`ts = ${nanosTime(last)}`])} ORDER BY ${order}`,
    signal,
  );
  return [...inOrder(wanted.filter(({ place }) => place.time !== last)), ...ties].slice(0, query.limit);
}

function conditionsText(query: TimedQuery, more: readonly Sql[]): Sql {
  return join([...rangeOf(query), ...query.times, ...more, ...conditionsOf(query)], ' AND ');
}

async function select(
  engine: Pick<Engine, 'query'>,
  query: LineQuery,
  rest: Sql,
  signal: AbortSignal | undefined,
  limits: LimitClass = limitsOf(query),
): Promise<readonly MemoryLine[]> {
  const block = await engine.query(
    sql`SELECT ts, stream, id, service, level, trace_id, span_id, request_id, message, metadata
      FROM ${table(logsTable)}
      WHERE tenant = ${tenantHole} AND ${rest} LIMIT ${query.limit}`,
    {
      purpose: 'logs.search',
      tenant: query.tenant,
      limits,
      ...(signal === undefined ? {} : { signal }),
    },
  );
  return linesOf(block);
}

function limitsOf({ trace, request }: LineFilter): LimitClass {
  return trace !== undefined || request !== undefined ? 'lookup' : 'interactive';
}

/** The label sets of streams by their hash; those that are not there are missing. */
export async function streamLabels(
  engine: Pick<Engine, 'query'>,
  tenant: string,
  ids: readonly bigint[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<bigint, Labels>> {
  const found = new Map<bigint, Labels>();
  for (let at = 0; at < ids.length; at += MAX_LIST) {
    const block = await engine.query(
      sql`SELECT stream, any(labels) AS set FROM ${table(logStreamsTable)}
        WHERE tenant = ${tenantHole} AND stream IN ${inList(ids.slice(at, at + MAX_LIST))} GROUP BY stream`,
      { purpose: 'logs.streams', tenant, ...(signal === undefined ? {} : { signal }) },
    );
    const streams = block.bigints('stream');
    for (const [row, pairs] of mapsOf(block, 'set').entries())
      found.set(BigInt.asUintN(64, streams[row] ?? 0n), Labels.fromSortedPairs(pairs));
  }
  return found;
}

function rangeOf({ from, to, after, direction }: LineQuery): Sql[] {
  const conditions = [sql`ts >= ${nanosTime(from)}`, sql`ts < ${nanosTime(to)}`];
  if (after !== undefined) conditions.push(afterPlace(after, direction));
  return conditions;
}

function afterPlace({ time, stream, id }: LinePlace, direction: LineQuery['direction']): Sql {
  const place = sql`tuple(${nanosTime(time)}, ${uint64(stream)}, ${uint64(id)})`;
  return direction === 'backward'
    ? sql`ts <= ${nanosTime(time)} AND tuple(ts, stream, id) < ${place}`
    : sql`ts >= ${nanosTime(time)} AND tuple(ts, stream, id) > ${place}`;
}

function conditionsOf({ services, levels, words, trace, request, metadata }: LineFilter): Sql[] {
  const conditions: Sql[] = [];
  if (services !== undefined) conditions.push(sql`service IN ${inList(services)}`);
  if (levels !== undefined) conditions.push(sql`level IN ${inList(levels)}`);
  if (trace !== undefined) conditions.push(sql`trace_id = ${trace}`);
  if (request !== undefined) conditions.push(sql`request_id = ${request}`);
  if (words !== undefined && words.length > 0) conditions.push(hasWords(words));
  for (const [name, value] of metadata ?? [])
    conditions.push(
      sql`has(arrayMap((k, v) -> concat(k, '=', v), mapKeys(metadata), mapValues(metadata)), ${`${name}=${value}`})`,
    );
  return conditions;
}

function linesOf(block: ColumnBlock): MemoryLine[] {
  if (block.rows === 0) return [];
  const times = block.bigints('ts');
  const streams = block.bigints('stream');
  const ids = block.bigints('id');
  const texts = (name: string): readonly string[] => block.strings(name);
  const [services, levels, traces, spans, requests, messages] = [
    texts('service'),
    texts('level'),
    texts('trace_id'),
    texts('span_id'),
    texts('request_id'),
    texts('message'),
  ];
  return mapsOf(block, 'metadata').map((metadata, row) => ({
    place: {
      time: times[row] ?? 0n,
      stream: BigInt.asUintN(64, streams[row] ?? 0n),
      id: BigInt.asUintN(64, ids[row] ?? 0n),
    },
    service: services[row] ?? '',
    level: levels[row] ?? '',
    trace: traces[row] ?? '',
    span: spans[row] ?? '',
    request: requests[row] ?? '',
    message: messages[row] ?? '',
    metadata,
  }));
}

/** A Map(String, String) column as flat pairs per row. */
export function mapsOf(block: ColumnBlock, name: string): string[][] {
  const { offsets, keys, values } = block.map(name);
  if (keys.kind !== 'string' || values.kind !== 'string') return [];
  return Array.from(offsets, (end, row) => {
    const pairs: string[] = [];
    for (let i = row === 0 ? 0 : offsets[row - 1]; i < end; i++)
      pairs.push(keys.data[i] ?? '', values.data[i] ?? '');
    return pairs;
  });
}
