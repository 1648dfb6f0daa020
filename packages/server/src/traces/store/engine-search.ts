import {
  type ColumnBlock,
  day as dayLiteral,
  type Engine,
  engineErrors,
  identifier,
  inList,
  join,
  MAX_LIST,
  type Sql,
  sql,
  table,
  tenant as tenantHole,
} from '../../engine/index.ts';
import { inSlices, type Sliced, visitSliced } from '../../kernel/sliced.ts';
import { type Attribute, attributesOf } from '../attributes.ts';
import type { SpanSource } from '../sink.ts';
import { ATTRIBUTE_COLUMNS, spanOperationsTable, spanSourcesTable, spansTable } from '../tables.ts';
import { parentText } from './chunk.ts';
import { newestFirst, type TraceHit } from './memory-search.ts';
import type { Operation } from './operations.ts';
import { columnFilter, type SpanFilter, type TraceQuery } from './query.ts';
import type { StoredSpan } from './span.ts';

type Reader = Pick<Engine, 'query'>;

export interface Range {
  readonly from: bigint;
  readonly to: bigint;
}

/** The newest flushed traces of a query. */
export async function findInEngine(
  engine: Reader,
  query: TraceQuery,
  signal?: AbortSignal,
): Promise<TraceHit[]> {
  const { tenant, limit } = query;
  const conditions = await conditionsOf(engine, tenant, query, signal);
  if (looksForPairs(query)) {
    const few = await fewInEngine(engine, query, conditions, signal);
    if (few !== undefined) return few;
  }
  const found = new Map<string, bigint>();
  for (const slice of newestSlices(query)) {
    // As many as were asked for: some may be of traces that a newer slice had.
    const block = await engine.query(
      sql`SELECT trace_id, toInt64(toUnixTimestamp64Nano(ts)) AS time FROM ${table(spansTable)}
        WHERE tenant = ${tenantHole} AND ${join([...rangeOf(slice), ...conditions], ' AND ')}
        ORDER BY ts DESC LIMIT 1 BY trace_id LIMIT ${limit}`,
      options('traces.search', tenant, signal),
    );
    if (block.rows === 0) continue;
    const times = block.bigints('time');
    for (const [row, id] of hexOf(block, 'trace_id').entries())
      if (found.size < limit && !found.has(id)) found.set(id, times[row] ?? 0n);
    if (found.size >= limit) break;
  }
  return [...found].map(([traceId, time]) => ({ traceId, time }));
}

/** Spans that are looked at for what has few: values of attributes are in next to no span, or in very many. */
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

/** The flushed spans of some traces, oldest first, at most so many. */
export async function spansInEngine(
  engine: Reader,
  {
    tenant,
    traceIds,
    limit,
    within,
    spanId,
    breathe,
  }: {
    readonly tenant: string;
    readonly traceIds: readonly string[];
    readonly limit: number;
    /** The spans begin in it; any time when absent. */
    readonly within?: Range | undefined;
    /** 16 hex digits: only this span, its two sides where Zipkin shares it. */
    readonly spanId?: string | undefined;
    readonly breathe: () => Promise<void>;
  },
  signal?: AbortSignal,
): Promise<StoredSpan[]> {
  const ids = idList(traceIds);
  const conditions = [sql`trace_id IN (${ids})`, ...(within === undefined ? [] : rangeOf(within))];
  if (spanId !== undefined) conditions.push(sql`span_id = toFixedString(unhex(${spanId}), 8)`);
  const spans: StoredSpan[] = [];
  for (;;) {
    const block = await engine.query(
      sql`SELECT ${SPAN_COLUMNS}
        FROM ${table(spansTable)} WHERE tenant = ${tenantHole} AND ${join(conditions, ' AND ')}
        ORDER BY ts, trace_id, span_id, kind LIMIT ${Math.min(SPANS_PER_ANSWER, limit - spans.length)} OFFSET ${spans.length}`,
      options('traces.spans', tenant, signal),
    );
    for (const span of await inSlices(spansOf(block), breathe)) spans.push(span);
    if (block.rows < SPANS_PER_ANSWER || spans.length >= limit) return spans;
  }
}

const SPAN_COLUMNS = sql`trace_id, span_id, parent_id, toInt64(toUnixTimestamp64Nano(ts)) AS time, kind, source, service, name, status,
          duration, status_message, trace_state, flags, attributes, attribute_types, base64Encode(events) AS events, base64Encode(links) AS links`;

/** The newest flushed spans of a query. */
export async function matchingInEngine(
  engine: Reader,
  query: TraceQuery,
  breathe: () => Promise<void>,
  signal?: AbortSignal,
): Promise<StoredSpan[]> {
  const { tenant, limit } = query;
  const conditions = [...rangeOf(query), ...(await conditionsOf(engine, tenant, query, signal))];
  const block = await engine.query(
    sql`SELECT ${SPAN_COLUMNS} FROM ${table(spansTable)}
      WHERE tenant = ${tenantHole} AND ${join(conditions, ' AND ')} ORDER BY ts DESC LIMIT ${limit}`,
    options('traces.matching', tenant, signal),
  );
  return inSlices(spansOf(block), breathe);
}

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

export function idList(traceIds: readonly string[]): Sql {
  return join(
    traceIds.map((id) => sql`toFixedString(unhex(${id}), 16)`),
    ', ',
  );
}

/** So that an answer stays below the engine's limit of a result, and reading it is some tens of milliseconds. */
const SPANS_PER_ANSWER = 10_000;

/** The sources of spans by their hash; those that are not there are missing. */
export async function sourcesInEngine(
  engine: Reader,
  tenant: string,
  hashes: readonly bigint[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<bigint, SpanSource>> {
  const found = new Map<bigint, SpanSource>();
  for (let at = 0; at < hashes.length; at += MAX_LIST) {
    const block = await engine.query(
      sql`SELECT source, any(resource) AS attributes, any(resource_types) AS types, any(scope_name) AS name,
          any(scope_version) AS version, any(scope) AS scope_attributes, any(scope_types) AS scope_letters, any(schema_url) AS url
        FROM ${table(spanSourcesTable)}
        WHERE tenant = ${tenantHole} AND source IN ${inList(hashes.slice(at, at + MAX_LIST))} GROUP BY source`,
      options('traces.sources', tenant, signal),
    );
    if (block.rows === 0) continue;
    const keys = block.bigints('source');
    const resources = attributesColumn(block, 'attributes', 'types');
    const scopes = attributesColumn(block, 'scope_attributes', 'scope_letters');
    const [names, versions, urls] = [block.strings('name'), block.strings('version'), block.strings('url')];
    for (const [row, key] of keys.entries())
      found.set(BigInt.asUintN(64, key), {
        resource: resources(row),
        scopeName: names[row] ?? '',
        scopeVersion: versions[row] ?? '',
        scope: scopes(row),
        schemaUrl: urls[row] ?? '',
      });
  }
  return found;
}

/** Services with spans from a day on. */
export async function servicesInEngine(engine: Reader, tenant: string, fromDay: number): Promise<string[]> {
  const block = await engine.query(
    sql`SELECT DISTINCT service FROM ${table(spanOperationsTable)} WHERE tenant = ${tenantHole} AND day >= ${dayLiteral(fromDay)} LIMIT ${MOST_NAMES}`,
    options('traces.services', tenant),
  );
  return [...block.strings('service')];
}

const MOST_NAMES = 100_000;

/** The operations of a service from a day on. */
export async function operationsInEngine(
  engine: Reader,
  tenant: string,
  service: string,
  fromDay: number,
): Promise<Operation[]> {
  const block = await engine.query(
    sql`SELECT DISTINCT name, kind FROM ${table(spanOperationsTable)}
      WHERE tenant = ${tenantHole} AND service = ${service} AND day >= ${dayLiteral(fromDay)} LIMIT ${MOST_NAMES}`,
    options('traces.operations', tenant),
  );
  const kinds = block.numbers('kind');
  return block.strings('name').map((name, row) => ({ service, name, kind: kinds[row] ?? 0 }));
}

export function options(purpose: string, tenant: string, signal?: AbortSignal) {
  return { purpose, tenant, ...(signal === undefined ? {} : { signal }) };
}

function nanosTime(time: bigint): Sql {
  return sql`fromUnixTimestamp64Nano(${time}, 'UTC')`;
}

export function rangeOf({ from, to }: Range): Sql[] {
  return [sql`ts >= ${nanosTime(from)}`, sql`ts < ${nanosTime(to)}`];
}

const KEY_VALUES = sql`arrayMap((k, v) -> concat(k, '=', v), mapKeys(attributes), mapValues(attributes))`;
const FAILED = sql`failed = 1`;

/** A filter's conditions on the table of spans; what resources say is looked up first. */
export async function conditionsOf(
  engine: Reader,
  tenant: string,
  filter: SpanFilter,
  signal?: AbortSignal,
): Promise<Sql[]> {
  const { services, operation, kind, minDuration, maxDuration, failed, attributes = [] } = filter;
  const conditions: Sql[] = [];
  if (services !== undefined) conditions.push(sql`service IN ${inList(services)}`);
  if (operation !== undefined) conditions.push(sql`name = ${operation}`);
  if (kind !== undefined) conditions.push(sql`kind = ${kind}`);
  if (minDuration !== undefined) conditions.push(sql`duration >= ${Math.ceil(minDuration)}`);
  if (maxDuration !== undefined) conditions.push(sql`duration <= ${Math.floor(maxDuration)}`);
  if (failed !== undefined) conditions.push(failed ? FAILED : sql`failed = 0`);
  for (const [key, value] of attributes) {
    const column = columnFilter(key, value);
    if (column === null) conditions.push(await attributeCondition(engine, tenant, key, value, signal));
    else if (column.column === 'failed') conditions.push(column.value ? FAILED : sql`failed = 0`);
    else if (column.column === 'kind') conditions.push(sql`kind = ${column.value}`);
    else if (column.column === 'status') conditions.push(sql`status = ${column.value}`);
    else conditions.push(sql`status_message = ${column.value}`);
  }
  return conditions;
}

async function attributeCondition(
  engine: Reader,
  tenant: string,
  key: string,
  value: string,
  signal?: AbortSignal,
): Promise<Sql> {
  const sources = await sourcesWith(engine, tenant, key, value, signal);
  const own = ownCondition(key, value);
  return sources.length === 0 ? own : sql`((${own}) OR source IN ${inList(sources)})`;
}

/** The span itself has the attribute. */
function ownCondition(key: string, value: string): Sql {
  const column = ATTRIBUTE_COLUMNS.get(key);
  // The index is over pairs as one text, which two pairs may have in common; they are compared apart, without making such texts.
  if (column === undefined)
    return sql`indexHint(has(${KEY_VALUES}, ${`${key}=${value}`})) AND arrayExists((k, v) -> k = ${key} AND v = ${value}, mapKeys(attributes), mapValues(attributes))`;
  // A span without the attribute has an empty text in the column.
  const equal = sql`${identifier(column)} = ${value}`;
  return value === '' ? sql`(${equal} AND mapContains(attributes, ${key}))` : equal;
}

/** The sources that carry an attribute; scopes by the names Jaeger gives them. */
async function sourcesWith(
  engine: Reader,
  tenant: string,
  key: string,
  value: string,
  signal?: AbortSignal,
): Promise<bigint[]> {
  const condition =
    key === 'otel.scope.name' || key === 'otel.library.name'
      ? sql`scope_name = ${value}`
      : key === 'otel.scope.version' || key === 'otel.library.version'
        ? sql`scope_version = ${value}`
        : sql`resource[${key}] = ${value} AND mapContains(resource, ${key})`;
  const block = await engine.query(
    sql`SELECT DISTINCT source FROM ${table(spanSourcesTable)} WHERE tenant = ${tenantHole} AND ${condition} LIMIT ${MAX_LIST + 1}`,
    options('traces.sources', tenant, signal),
  );
  if (block.rows > MAX_LIST)
    throw engineErrors.make('resource', `more than ${MAX_LIST} resources have ${key}=${value}`);
  return [...block.bigints('source')].map((hash) => BigInt.asUintN(64, hash));
}

/** A FixedString column as hex texts. */
export function hexOf(block: ColumnBlock, name: string): string[] {
  const column = block.column(name);
  if (column.kind !== 'bytes')
    throw engineErrors.make('badQuery', `column ${name} is ${column.kind}, expected bytes`);
  const { data, width } = column;
  const hex = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
  return Array.from({ length: block.rows }, (_, row) => hex.slice(row * width * 2, (row + 1) * width * 2));
}

function* spansOf(block: ColumnBlock): Sliced<StoredSpan[]> {
  if (block.rows === 0) return [];
  const [traces, ids, parents] = [
    hexOf(block, 'trace_id'),
    hexOf(block, 'span_id'),
    hexOf(block, 'parent_id'),
  ];
  const [times, sources] = [block.bigints('time'), block.bigints('source')];
  const [kinds, statuses, durations, flags] = [
    block.numbers('kind'),
    block.numbers('status'),
    block.numbers('duration'),
    block.numbers('flags'),
  ];
  const [services, names, messages, states, events, links] = [
    block.strings('service'),
    block.strings('name'),
    block.strings('status_message'),
    block.strings('trace_state'),
    block.strings('events'),
    block.strings('links'),
  ];
  const attributes = attributesColumn(block, 'attributes', 'attribute_types');
  const spans: StoredSpan[] = [];
  yield* visitSliced(Array(block.rows).keys(), (row) => {
    spans.push({
      traceId: traces[row] ?? '',
      spanId: ids[row] ?? '',
      parentId: parentText(parents[row] ?? ''),
      start: times[row] ?? 0n,
      duration: durations[row] ?? 0,
      kind: kinds[row] ?? 0,
      status: statuses[row] ?? 0,
      service: services[row] ?? '',
      name: names[row] ?? '',
      source: BigInt.asUintN(64, sources[row] ?? 0n),
      statusMessage: messages[row] ?? '',
      traceState: states[row] ?? '',
      flags: flags[row] ?? 0,
      attributes: attributes(row),
      events: bytesOf(events[row] ?? ''),
      links: bytesOf(links[row] ?? ''),
    });
  });
  return spans;
}

const NO_BYTES = new Uint8Array(0);

function bytesOf(base64: string): Uint8Array {
  return base64 === '' ? NO_BYTES : Buffer.from(base64, 'base64');
}

function attributesColumn(block: ColumnBlock, map: string, letters: string): (row: number) => Attribute[] {
  const { offsets, keys, values } = block.map(map);
  const types = block.strings(letters);
  if (keys.kind !== 'string' || values.kind !== 'string') return () => [];
  return (row) => {
    const pairs: string[] = [];
    for (let i = row === 0 ? 0 : offsets[row - 1]; i < offsets[row]; i++)
      pairs.push(keys.data[i] ?? '', values.data[i] ?? '');
    return attributesOf(pairs, types[row] ?? '');
  };
}
