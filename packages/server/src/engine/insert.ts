import { tableName } from './ddl.ts';
import { engineErrors } from './errors.ts';
import { stringLiteral } from './literals.ts';
import type { NativeRows } from './native-block.ts';
import { rowVersion } from './packed-rows.ts';
import { identifierText } from './sql.ts';
import { type ColumnSpec, columnsOf, schemaVersionOf, type TableSpec } from './tables.ts';
import { END_DAY, type InsertBlock, MAX_BLOCK_BYTES, MAX_BLOCK_ROWS } from './types.ts';

/** Refuses what can never pass, before anything is written. */
export function checkBlock(block: InsertBlock): void {
  const { table, rows } = block;
  const schemaVersion = rowVersion(block.schemaVersion);
  const refused = (what: string) => engineErrors.make('refused', `a block for ${table.name}: ${what}`);
  const newest = schemaVersionOf(table);
  if (!Number.isInteger(schemaVersion) || schemaVersion < 1 || schemaVersion > newest)
    throw refused(`schema version ${schemaVersion}; expected 1 to ${newest}`);
  if (!Number.isInteger(rows) || rows < 1 || rows > MAX_BLOCK_ROWS)
    throw refused(`${rows} rows; expected 1 to ${MAX_BLOCK_ROWS}`);
  const bytes = block.payload.reduce((sum, part) => sum + part.length, 0);
  if (bytes < 1 || bytes > MAX_BLOCK_BYTES) throw refused(`${bytes} bytes; expected 1 to ${MAX_BLOCK_BYTES}`);
}

/**
 * As the file is read: a dictionary is built once for the whole column, not looked up for each value as it is parsed. In a map of
 * labels that took two thirds of the reading.
 */
function fileType(type: string): string {
  return type.replaceAll(/LowCardinality\(((?:[^()]|\([^()]*\))*)\)/g, '$1');
}

/** The file as a table: explicit columns of its schema version. */
function source(columns: readonly ColumnSpec[], file: string): string {
  const structure = columns
    .map((column) => `${identifierText(column.name)} ${fileType(column.type)}`)
    .join(', ');
  return `file(${stringLiteral(file)}, 'RowBinary', ${stringLiteral(structure)})`;
}

const names = (columns: readonly string[]): string => columns.map(identifierText).join(', ');

const FIRST_DAY = 0;

const dateText = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10);

/**
 * Rows of another day than the block's, or (when the block names none) outside 1970 to 2105: such times wrap into days that
 * never expire. DateTime64 is compared before any conversion to a day; DateTime and Date cannot hold times outside.
 */
function timeCheck(block: InsertBlock): string {
  const { table: spec, day } = block;
  const type = spec.columns.find((column) => column.name === spec.timeColumn)?.type ?? '';
  const column = identifierText(spec.timeColumn);
  const scale = /^DateTime64\((\d)/.exec(type)?.[1];
  if (scale === undefined) return day === undefined ? '0' : `toDate(${column}) != toDate('${dateText(day)}')`;
  const midnight = (of: number): string => `toDateTime64('${dateText(of)} 00:00:00', ${scale}, 'UTC')`;
  const end = day === undefined ? END_DAY : day + 1;
  return `${column} < ${midnight(day ?? FIRST_DAY)} OR ${column} >= ${midnight(end)}`;
}

/**
 * One INSERT of the whole file as one block, or nothing: the engine reads the file as a single block, and throws
 * (FUNCTION_THROW_IF_VALUE_IS_NON_ZERO) before it writes when the block has another number of rows or a time out of bounds.
 */
export function renderInsert(block: InsertBlock, file: string): string {
  const columns = columnsOf(block.table, block.schemaVersion);
  const list = names(columns.map((column) => column.name));
  return [
    `INSERT INTO ${tableName(block.table)} (${list}) SELECT ${list} FROM ${source(columns, file)}`,
    `WHERE throwIf(blockSize() != ${block.rows}, 'row count') = 0 AND throwIf(${timeCheck(block)}, 'time') = 0`,
  ].join(' ');
}

/** The same from a file of columns, whose rows were counted and their times checked as they were taken apart. */
export function renderNativeInsert({ table }: InsertBlock, rows: NativeRows, file: string): string {
  const list = names(rows.columns.map((column) => column.name));
  const structure = rows.columns.map((column) => `${identifierText(column.name)} ${column.type}`).join(', ');
  const from = `file(${stringLiteral(file)}, 'Native', ${stringLiteral(structure)})`;
  if (rows.tenant === null) return `INSERT INTO ${tableName(table)} (${list}) SELECT ${list} FROM ${from}`;
  const selected = `${stringLiteral(rows.tenant)} AS tenant, ${list}`;
  return `INSERT INTO ${tableName(table)} (tenant, ${list}) SELECT ${selected} FROM ${from}`;
}

/** The identity of a row as comparable columns: floats by their bits, so that NaN equals NaN. */
function identityOf(spec: TableSpec): string {
  const columns = spec.identity.map((name) => {
    const column = identifierText(name);
    const type = spec.columns.find((other) => other.name === name)?.type ?? '';
    if (type === 'Float64') return `reinterpretAsUInt64(${column})`;
    return type === 'Float32' ? `reinterpretAsUInt32(${column})` : column;
  });
  return `(${columns.join(', ')})`;
}

/** What the file holds: its rows and the span of its times, for {@link renderReconcile}. */
export function renderInspect(block: InsertBlock, file: string): string {
  const columns = columnsOf(block.table, block.schemaVersion);
  return `SELECT count() AS rows, countIf(${timeCheck(block)}) AS outside FROM ${source(columns, file)}`;
}

/**
 * Inserts the rows of the file that are not in the table. The table is asked only for the file's span of times, and only
 * for identities that the file has, so that what is compared never exceeds the block.
 */
export function renderReconcile(block: InsertBlock, file: string): string {
  const columns = columnsOf(block.table, block.schemaVersion);
  const list = names(columns.map((column) => column.name));
  const identity = identityOf(block.table);
  const time = identifierText(block.table.timeColumn);
  const from = source(columns, file);
  const stored = [
    `SELECT ${identity} FROM ${tableName(block.table)}`,
    `WHERE ${time} >= (SELECT min(${time}) FROM ${from}) AND ${time} <= (SELECT max(${time}) FROM ${from})`,
    `AND ${identity} IN (SELECT ${identity} FROM ${from})`,
  ].join(' ');
  return `INSERT INTO ${tableName(block.table)} (${list}) SELECT ${list} FROM ${from} WHERE ${identity} NOT IN (${stored})`;
}

/** Codes by which the engine says that the bytes are not what the schema says. The statement is ours, so the block is to blame. */
const POISON: ReadonlySet<number> = new Set([
  6, // CANNOT_PARSE_TEXT
  25, // CANNOT_PARSE_ESCAPE_SEQUENCE
  26, // CANNOT_PARSE_QUOTED_STRING
  27, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  32, // ATTEMPT_TO_READ_AFTER_EOF
  33, // CANNOT_READ_ALL_DATA
  69, // ARGUMENT_OUT_OF_BOUND
  117, // INCORRECT_DATA
  128, // TOO_LARGE_ARRAY_SIZE
  131, // TOO_LARGE_STRING_SIZE
  190, // SIZES_OF_ARRAYS_DONT_MATCH
  252, // TOO_MANY_PARTS: more than one day
  321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
  395, // FUNCTION_THROW_IF_VALUE_IS_NON_ZERO: the checks of renderInsert
  407, // DECIMAL_OVERFLOW
]);

/** An engine failure of an insert as what it means for the block. */
export function insertError(table: TableSpec, error: unknown): unknown {
  if (!engineErrors.is(error, 'badQuery') && !engineErrors.is(error, 'refused')) return error;
  const code = error.details?.code;
  if (typeof code !== 'number' || !POISON.has(code)) return error;
  return engineErrors.make('refused', `a block for ${table.name}: ${error.message}`, {
    cause: error,
    details: { code },
  });
}
