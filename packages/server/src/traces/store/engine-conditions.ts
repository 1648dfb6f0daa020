import {
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
import { ATTRIBUTE_COLUMNS, spanSourcesTable } from '../tables.ts';
import { columnFilter, type SpanFilter } from './query.ts';

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
  if (looksForSlow(filter)) conditions.push(slowHint(filter));
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

export function idList(traceIds: readonly string[]): Sql {
  return join(
    traceIds.map((id) => sql`toFixedString(unhex(${id}), 16)`),
    ', ',
  );
}
