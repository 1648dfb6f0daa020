import { OLD_PARTS_SECONDS } from './embedded/config.ts';
import { engineErrors } from './errors.ts';
import { identifierText } from './sql.ts';
import {
  type ColumnSpec,
  columnsOf,
  DATABASE,
  type DerivedColumn,
  hasTenant,
  schemaVersionOf,
  type TableSpec,
} from './tables.ts';

/** Where the statements run. A cluster renders the same specs with replication (not yet). */
export type DdlTarget = 'embedded';

/**
 * What makes an insert survive a power cut, and a repeat safe: everything is fsynced before the insert returns and after a
 * merge; merged parts stay a while; no deduplication by block, which would drop rows of an insert that never committed
 * (a repeat is reconciled instead). No TTL: retention drops whole partitions.
 */
const EMBEDDED_SETTINGS: Readonly<Record<string, string | number>> = {
  non_replicated_deduplication_window: 0,
  fsync_after_insert: 1,
  fsync_part_directory: 1,
  min_compressed_bytes_to_fsync_after_merge: 1,
  old_parts_lifetime: OLD_PARTS_SECONDS,
};

function columnText(column: ColumnSpec): string {
  const parts = [identifierText(column.name), column.type];
  if (column.default !== undefined) parts.push(`DEFAULT ${column.default}`);
  if (column.codec !== undefined) parts.push(`CODEC(${column.codec})`);
  return parts.join(' ');
}

function derivedText({ name, type, codec, from }: DerivedColumn): string {
  const kept = `${identifierText(name)} ${type} MATERIALIZED ${from}`;
  return codec === undefined ? kept : `${kept} CODEC(${codec})`;
}

/** The table as of its newest schema version. */
export function renderCreateTable(spec: TableSpec, _target: DdlTarget): string {
  checkSpec(spec);
  const items = [
    ...spec.columns.map(columnText),
    ...(spec.derived ?? []).map(derivedText),
    ...(spec.indexes ?? []).map((index) => `INDEX ${index}`),
  ].map((item) => `  ${item}`);
  const settings = Object.entries({ ...EMBEDDED_SETTINGS, ...spec.settings }).map(
    ([name, value]) =>
      `${identifierText(name).replaceAll('`', '')} = ${typeof value === 'number' ? value : `'${value}'`}`,
  );
  return [
    `CREATE TABLE IF NOT EXISTS ${tableName(spec)} (`,
    items.join(',\n'),
    `) ENGINE = MergeTree PARTITION BY ${partitionText(spec)}`,
    `ORDER BY (${spec.orderBy.join(', ')})`,
    `SETTINGS ${settings.join(', ')}`,
  ].join('\n');
}

function partitionText({ timeColumn, partitionBy = [] }: TableSpec): string {
  const day = `toDate(${identifierText(timeColumn)})`;
  return partitionBy.length === 0 ? day : `(${[day, ...partitionBy.map(identifierText)].join(', ')})`;
}

/** The statements from a recorded schema version to the newest: columns are only ever added, indexes may be replaced. */
export function renderMigration(spec: TableSpec, from: number, _target: DdlTarget): readonly string[] {
  const known = new Set(columnsOf(spec, from).map((column) => column.name));
  const added = spec.columns.filter((column) => !known.has(column.name));
  const derived = (spec.derived ?? []).filter((column) => (column.since ?? 1) > from);
  const indexes = from < schemaVersionOf(spec) ? (spec.indexes ?? []) : [];
  const retired = (spec.retired ?? []).filter(({ since }) => since > from);
  return [
    ...indexOfOlder(spec, from),
    ...added.map((column) => `ALTER TABLE ${tableName(spec)} ADD COLUMN IF NOT EXISTS ${columnText(column)}`),
    ...derived.map(
      (column) => `ALTER TABLE ${tableName(spec)} ADD COLUMN IF NOT EXISTS ${derivedText(column)}`,
    ),
    ...indexes.map((index) => `ALTER TABLE ${tableName(spec)} ADD INDEX IF NOT EXISTS ${index}`),
    ...retired.map(
      ({ name }) => `ALTER TABLE ${tableName(spec)} DROP INDEX IF EXISTS ${identifierText(name)}`,
    ),
  ];
}

/** What an index of our own says of the rows from before it. Of all days at once, which no other insert may be of. */
function indexOfOlder(spec: TableSpec, from: number): readonly string[] {
  const { index } = spec;
  if (index === undefined || (index.elsewhereSince ?? index.since) <= from) return [];
  const columns = index.table.columns.map(({ name }) => identifierText(name)).join(', ');
  const keys = [...(hasTenant(spec) ? ['tenant'] : []), `toDate(${identifierText(spec.timeColumn)})`];
  return [
    `INSERT INTO ${tableName(index.table)} (${columns}) SELECT ${index.forOlder.join(', ')} FROM ${tableName(spec)} GROUP BY ${keys.join(', ')} SETTINGS max_partitions_per_insert_block = 0`,
  ];
}

export function tableName(spec: TableSpec): string {
  return `${DATABASE}.${identifierText(spec.name)}`;
}

/** A slip in a spec is found at start, not at the first insert. */
function checkSpec(spec: TableSpec): void {
  const all = [...spec.columns, ...(spec.derived ?? [])];
  const names = new Set(all.map((column) => column.name));
  const wrong = (what: string) => engineErrors.make('badQuery', `table ${spec.name}: ${what}`);
  if (names.size !== all.length) throw wrong('a column stands twice');
  if (spec.identity.length === 0) throw wrong('identity has no column: a replay could not be reconciled');
  const first = new Set(columnsOf(spec, 1).map((column) => column.name));
  for (const name of [spec.timeColumn, ...spec.identity, ...(spec.partitionBy ?? [])])
    if (!first.has(name)) throw wrong(`there is no column ${name} in schema version 1`);
  for (const column of all)
    if (!Number.isInteger(column.since ?? 1) || (column.since ?? 1) < 1)
      throw wrong(`column ${column.name} has since ${column.since}; expected 1 or more`);
}
