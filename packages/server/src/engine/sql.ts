import { engineErrors } from './errors.ts';
import {
  bigintLiteral,
  dateTime64Literal,
  dayLiteral,
  listItems,
  literal,
  type SqlList,
  type SqlValue,
  stringLiteral,
} from './literals.ts';
import { DATABASE, hasTenant, type TableSpec } from './tables.ts';

const brand: unique symbol = Symbol('sql');

/** A hole that the engine door fills with the tenant of the query's options. */
const TENANT: unique symbol = Symbol('tenant');

type Part = string | typeof TENANT;

/** A SQL statement or fragment. Only the `sql` tag makes one; a plain string does not type-check. */
export interface Sql {
  readonly [brand]: true;
  /** For golden tests and logs; the tenant's place reads `{tenant}`. */
  readonly text: string;
  readonly parts: readonly Part[];
  /** Tables named through {@link table}, once per mention. */
  readonly tables: readonly TableSpec[];
  /** Set by {@link acrossTenants}. */
  readonly acrossTenants: boolean;
}

/** What may stand in a hole of the template. */
export type SqlHole = Sql | SqlValue;

function make(parts: readonly Part[], tables: readonly TableSpec[], acrossTenants: boolean): Sql {
  return {
    [brand]: true,
    parts,
    tables,
    acrossTenants,
    get text() {
      return parts.map((part) => (part === TENANT ? '{tenant}' : part)).join('');
    },
  };
}

const NOTHING: readonly TableSpec[] = [];

function trusted(text: string): Sql {
  return make([text], NOTHING, false);
}

/**
 * A statement from literal text and typed values: `` sql`SELECT ts FROM ${table(samples)} WHERE tenant = ${tenant} AND id = ${id}` ``.
 * Values become literals through the one escaper (literals.ts): strings, numbers, bigints, booleans, Dates
 * (DateTime64(3)), bytes (a String), null, and arrays of at most 2,000 (`[…]`; for IN use {@link inList}).
 */
export function sql(strings: TemplateStringsArray, ...holes: readonly SqlHole[]): Sql {
  const parts: Part[] = [];
  const tables: TableSpec[] = [];
  let acrossAll = false;
  strings.forEach((text, i) => {
    if (NAMES_DATABASE.test(text))
      throw engineErrors.make('badQuery', 'a statement names a stored table itself; use table(spec)');
    if (text !== '') parts.push(text);
    const hole = holes[i];
    if (i >= holes.length || hole === undefined) {
      if (i < strings.length - 1)
        throw engineErrors.make('badQuery', `value ${i + 1} of the statement is undefined`);
      return;
    }
    if (!isSql(hole)) {
      parts.push(literal(hole));
      return;
    }
    parts.push(...hole.parts);
    tables.push(...hole.tables);
    acrossAll ||= hole.acrossTenants;
  });
  return make(parts, tables, acrossAll);
}

/** A stored table can be reached only with the database's name, and only {@link table} writes it. */
const NAMES_DATABASE = new RegExp(`\\b${DATABASE}\\b[\\s\`"]*\\.`, 'i');

function isSql(value: unknown): value is Sql {
  return typeof value === 'object' && value !== null && brand in value;
}

/** The tenant of the query's options, as a String literal, filled in by the door. */
export const tenant: Sql = make([TENANT], NOTHING, false);

/** Nothing; for optional clauses. */
export const empty: Sql = make([], NOTHING, false);

/** A table by its spec, so that the door knows what is read. Text naming a known table itself is refused. */
export function table(spec: TableSpec): Sql {
  return make([`${DATABASE}.${identifierText(spec.name)}`], [spec], false);
}

/**
 * A condition on rows of a table: written since a time in epoch ms, whatever time they tell of. It is kept by part, so it also holds for
 * older rows that a merge since then put into one with a newer one. The smallest parts count, up to so many rows in all: what was just
 * written is in small ones.
 */
export function writtenSince(spec: TableSpec, epochMs: number, mostRows: number): Sql {
  return sql`_part IN (SELECT name FROM (
    SELECT name, sum(rows) OVER (ORDER BY rows, name) AS upTo FROM system.parts
    WHERE database = ${DATABASE} AND table = ${spec.name} AND active AND modification_time >= ${dateTime64(epochMs)}
  ) WHERE upTo <= ${mostRows})`;
}

/** Put into a statement that must see every tenant (retention, rollups, self-observation). Never reachable from a request. */
export const acrossTenants: Sql = make([], NOTHING, true);

/** Fragments with a separator between them. */
export function join(
  fragments: readonly Sql[],
  separator: ', ' | ' AND ' | ' OR ' | ' ' | ' UNION ALL ',
): Sql {
  const parts: Part[] = [];
  const tables: TableSpec[] = [];
  let acrossAll = false;
  fragments.forEach((fragment, i) => {
    if (i > 0) parts.push(separator);
    parts.push(...fragment.parts);
    tables.push(...fragment.tables);
    acrossAll ||= fragment.acrossTenants;
  });
  return make(parts, tables, acrossAll);
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

/** Backquoted; letters, digits and underscores only. */
export function identifierText(name: string): string {
  if (!IDENTIFIER.test(name))
    throw engineErrors.make(
      'badQuery',
      `${JSON.stringify(name)} is not an identifier; expected ${IDENTIFIER.source}`,
    );
  return `\`${name}\``;
}

/** A column or alias; letters, digits and underscores only. */
export function identifier(name: string): Sql {
  return trusted(identifierText(name));
}

/** `(a,b,c)` for IN; an empty list matches nothing. At most 2,000 values. */
export function inList(values: SqlList): Sql {
  return trusted(values.length === 0 ? 'tuple()' : `(${listItems(values)})`);
}

/** A typed UInt64, also from the two words that slices keep ids in. */
export function uint64(value: bigint): Sql;
export function uint64(low: number, high: number): Sql;
export function uint64(low: bigint | number, high = 0): Sql {
  const value = typeof low === 'bigint' ? low : (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  if (value < 0n) throw engineErrors.make('badQuery', `${value} is not a UInt64`);
  return trusted(`toUInt64(${bigintLiteral(value)})`);
}

/** A typed Float64, also for whole numbers. */
export function float64(value: number): Sql {
  return trusted(`toFloat64(${literal(value)})`);
}

/** DateTime64(3, 'UTC') of epoch milliseconds. */
export function dateTime64(epochMs: number): Sql {
  return trusted(dateTime64Literal(epochMs));
}

/** Date of days since the epoch. */
export function day(days: number): Sql {
  return trusted(dayLiteral(days));
}

/** How many holes for the tenant the statement has. */
function tenantHoles(statement: Sql): number {
  return statement.parts.filter((part) => part === TENANT).length;
}

/** The final text. Only the door calls this, after {@link checkTenant}. */
export function renderSql(statement: Sql, tenantName: string): string {
  const literalTenant = stringLiteral(tenantName);
  return statement.parts.map((part) => (part === TENANT ? literalTenant : part)).join('');
}

/**
 * Every mention of a table with a tenant column needs its own `${tenant}`; a join filters both sides. What is refused is
 * a bug of ours that would show one tenant another's data.
 */
export function checkTenant(statement: Sql): void {
  if (statement.acrossTenants) return;
  const mentions = statement.tables.filter(hasTenant).length;
  const holes = tenantHoles(statement);
  if (holes < mentions)
    throw engineErrors.make(
      'badQuery',
      `the statement reads ${mentions} table(s) with a tenant column but names the tenant ${holes} time(s)`,
    );
}
