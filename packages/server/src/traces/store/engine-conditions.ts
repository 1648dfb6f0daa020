import {
  day,
  type Engine,
  identifier,
  inList,
  join,
  MAX_LIST,
  type Sql,
  sql,
  table,
  tenant as tenantHole,
} from '../../engine/index.ts';
import { ATTRIBUTE_COLUMNS, spanSourcesTable } from '../tables.ts';
import { columnFilter, type SpanFilter, type TraceQuery } from './query.ts';

export type Reader = Pick<Engine, 'query'>;

/** Nanoseconds since the epoch, `from` inclusive, `to` exclusive. */
export interface Range {
  readonly from: bigint;
  readonly to: bigint;
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
export const FAILED = sql`failed = 1`;

/** What selects the spans of a query in a part of its time. */
export type Conditions = (part: Range) => Sql;

/** A query's conditions on the table of spans, for any part of its time; what resources say is looked up first. */
export async function conditionsOf(
  engine: Reader,
  query: TraceQuery,
  signal?: AbortSignal,
): Promise<Conditions> {
  const { services, operation, kind, minDuration, maxDuration, failed, attributes = [] } = query;
  const conditions: Sql[] = [];
  if (services !== undefined) conditions.push(sql`service IN ${inList(services)}`);
  if (operation !== undefined) conditions.push(sql`name = ${operation}`);
  if (kind !== undefined) conditions.push(sql`kind = ${kind}`);
  if (minDuration !== undefined) conditions.push(sql`duration >= ${Math.ceil(minDuration)}`);
  if (looksForSlow(query)) conditions.push(slowHint(query));
  if (maxDuration !== undefined) conditions.push(sql`duration <= ${Math.floor(maxDuration)}`);
  if (failed !== undefined) conditions.push(failed ? FAILED : sql`failed = 0`);
  const ofParts: Conditions[] = [];
  for (const [key, value] of attributes) {
    const column = columnFilter(key, value);
    if (column === null) ofParts.push(await attributeCondition(engine, query, [key, value], signal));
    else if (column.column === 'failed') conditions.push(column.value ? FAILED : sql`failed = 0`);
    else if (column.column === 'kind') conditions.push(sql`kind = ${column.value}`);
    else if (column.column === 'status') conditions.push(sql`status = ${column.value}`);
    else conditions.push(sql`status_message = ${column.value}`);
  }
  return (part) =>
    join([...rangeOf(part), ...conditions, ...ofParts.map((condition) => condition(part))], ' AND ');
}

type SlowFilter = SpanFilter & Required<Pick<SpanFilter, 'services' | 'minDuration'>>;

/** More of them would take longer to ask the index for than to read what it spares. */
const MOST_SERVICES = 20;
/** Nanoseconds: nearly every block has spans of a service that last as long as something shorter. */
const LEAST_SLOW = 1_000_000;

/** Whether the index over services and durations can tell where such spans are not. */
export function looksForSlow(filter: SpanFilter): filter is SlowFilter {
  const { services, minDuration } = filter;
  return (
    services !== undefined &&
    services.length > 0 &&
    services.length <= MOST_SERVICES &&
    minDuration !== undefined &&
    minDuration >= LEAST_SLOW
  );
}

/** The levels (powers of two, nanoseconds) of all spans that last so many nanoseconds or longer. */
export function levelsFrom(minDuration: number): bigint[] {
  const levels: bigint[] = [];
  for (let level = 1n; level <= HIGHEST_LEVEL; level *= 2n)
    if (level === HIGHEST_LEVEL || Number(level) * 2 > minDuration) levels.push(level);
  return levels;
}

/** Of the largest number that a duration may be. */
const HIGHEST_LEVEL = 1n << 63n;

/** Nothing but the index: which spans are long enough is for the conditions beside it. */
function slowHint({ services, minDuration }: SlowFilter): Sql {
  const levels = levelsFrom(minDuration);
  const texts = services.flatMap((service) => levels.map((level) => `${service}${level}`));
  return sql`indexHint(concat(service, toString(roundToExp2(duration))) IN ${inList(texts)})`;
}

type Pair = readonly [key: string, value: string];

async function attributeCondition(
  engine: Reader,
  query: TraceQuery,
  pair: Pair,
  signal?: AbortSignal,
): Promise<Conditions> {
  const own = ownCondition(pair);
  const sources = await sourcesWith(engine, query, pair, signal);
  return sources === null ? () => own : (part) => sql`((${own}) OR source IN ${sources(part)})`;
}

/** The span itself has the attribute. */
function ownCondition([key, value]: Pair): Sql {
  const column = ATTRIBUTE_COLUMNS.get(key);
  // The index is over pairs as one text, which two pairs may have in common; they are compared apart, without making such texts.
  if (column === undefined)
    return sql`indexHint(has(${KEY_VALUES}, ${`${key}=${value}`})) AND arrayExists((k, v) -> k = ${key} AND v = ${value}, mapKeys(attributes), mapValues(attributes))`;
  // A span without the attribute has an empty text in the column.
  const equal = sql`${identifier(column)} = ${value}`;
  return value === '' ? sql`(${equal} AND mapContains(attributes, ${key}))` : equal;
}

/**
 * The sources of a query's days that carry an attribute, as a list or, where a statement has no room for one, as what selects them; null for
 * none. A pod's name has few of them, `deployment.environment` may have all.
 */
async function sourcesWith(
  engine: Reader,
  query: TraceQuery,
  pair: Pair,
  signal?: AbortSignal,
): Promise<Conditions | null> {
  const carried = carriedCondition(pair);
  const from = (part: Range): Sql =>
    sql`FROM ${table(spanSourcesTable)} WHERE tenant = ${tenantHole} AND day BETWEEN ${day(dayOf(part.from))} AND ${day(dayOf(part.to - 1n))} AND ${carried}`;
  const block = await engine.query(
    sql`SELECT DISTINCT source ${from(query)} LIMIT ${MAX_LIST + 1}`,
    options('traces.sources', query.tenant, signal),
  );
  if (block.rows === 0) return null;
  if (block.rows > MAX_LIST) return (part) => sql`(SELECT source ${from(part)})`;
  const list = inList([...block.bigints('source')].map((hash) => BigInt.asUintN(64, hash)));
  return () => list;
}

/** Scopes by the names Jaeger gives them. */
function carriedCondition([key, value]: Pair): Sql {
  if (key === 'otel.scope.name' || key === 'otel.library.name') return sql`scope_name = ${value}`;
  if (key === 'otel.scope.version' || key === 'otel.library.version') return sql`scope_version = ${value}`;
  return sql`resource[${key}] = ${value} AND mapContains(resource, ${key})`;
}

const DAY_NS = 86_400_000_000_000n;
/** The last day that the engine's Date has. */
const LAST_DAY = 65_535n;

/** The day of a time, as sources are kept by: that of the start of their spans. */
function dayOf(time: bigint): number {
  const days = time / DAY_NS;
  return Number(days < 0n ? 0n : days > LAST_DAY ? LAST_DAY : days);
}

export function idList(traceIds: readonly string[]): Sql {
  return join(
    traceIds.map((id) => sql`toFixedString(unhex(${id}), 16)`),
    ', ',
  );
}
