import { type ColumnSpec, columnsOf } from './tables.ts';
import { END_DAY, type InsertBlock } from './types.ts';

/** A block as columns of the Native format. The tenant is not in the bytes: one of all rows, it is a constant of the statement. */
export interface NativeRows {
  readonly bytes: Uint8Array;
  /** Null when the table has none. */
  readonly tenant: string | null;
  /** The columns in the bytes. */
  readonly columns: readonly ColumnSpec[];
}

/** Bytes of a value. Types that are not here have values of different lengths, or none but the engine knows them. */
const WIDTHS: ReadonlyMap<string, number> = new Map([
  ['UInt8', 1],
  ['Int8', 1],
  ['UInt16', 2],
  ['Int16', 2],
  ['Date', 2],
  ['UInt32', 4],
  ['Int32', 4],
  ['Float32', 4],
  ['DateTime', 4],
  ['UInt64', 8],
  ['Int64', 8],
  ['Float64', 8],
]);

/** So many bytes, whatever stands in them. */
type TakeMemory = (bytes: number) => Buffer;

/** Finer scales than microseconds have ticks beyond 53 bits. */
const DATE_TIME_64 = /^DateTime64\(([0-6])(?:, '[\w/]+')?\)$/;

const TWO_32 = 2 ** 32;
const DAY_SECONDS = 86_400;
const MAX_TENANT_BYTES = 127;

interface FixedColumn {
  readonly spec: ColumnSpec;
  readonly width: number;
  /** Where it begins after the tenant. */
  readonly offset: number;
}

/** Where the rows of a block lie. */
interface RowShape {
  readonly columns: readonly FixedColumn[];
  /** The tenant that every row begins with. */
  readonly prefix: Uint8Array;
  readonly rowBytes: number;
}

/**
 * Turns a block's rows into columns, which the engine takes as they are: reading rows one by one and checking their times there
 * costs a third of an insert. Null for what is not done here (values of different lengths) and for what is not in order (rows of
 * several tenants, no whole rows, times of another day): the engine then reads the rows itself, and says what is wrong with them.
 */
export function nativeRows(block: InsertBlock, take: TakeMemory = Buffer.allocUnsafe): NativeRows | null {
  const [first, ...rest] = columnsOf(block.table, block.schemaVersion);
  const hasTenant = first?.name === 'tenant';
  const columns = fixedColumns(hasTenant || first === undefined ? rest : [first, ...rest]);
  if (columns === null) return null;
  const prefix = hasTenant ? tenantPrefix(block.payload) : new Uint8Array();
  const tenant = prefix === null ? null : tenantText(prefix);
  if (prefix === null || tenant === null) return null;
  const rowBytes = prefix.length + columns.reduce((sum, { width }) => sum + width, 0);
  const shape = { columns, prefix, rowBytes };
  if (!areWholeRows(block, shape)) return null;
  const bytes = encode(block, shape, take);
  return bytes === null
    ? null
    : { bytes, tenant: hasTenant ? tenant : null, columns: columns.map(({ spec }) => spec) };
}

function fixedColumns(specs: readonly ColumnSpec[]): readonly FixedColumn[] | null {
  const columns: FixedColumn[] = [];
  let offset = 0;
  for (const spec of specs) {
    const width = DATE_TIME_64.test(spec.type) ? 8 : WIDTHS.get(spec.type);
    if (width === undefined) return null;
    columns.push({ spec, width, offset });
    offset += width;
  }
  return columns;
}

/** The first row's tenant, its length before it. */
function tenantPrefix([part]: readonly Uint8Array[]): Uint8Array | null {
  const length = part?.[0];
  if (part === undefined || length === undefined || length > MAX_TENANT_BYTES) return null;
  return part.subarray(0, 1 + length);
}

function tenantText(prefix: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(prefix.subarray(1));
  } catch {
    return null;
  }
}

function areWholeRows(block: InsertBlock, { rowBytes }: RowShape): boolean {
  const bytes = block.payload.reduce((sum, part) => sum + part.length, 0);
  return bytes === block.rows * rowBytes && block.payload.every((part) => part.length % rowBytes === 0);
}

function haveTenant(part: Uint8Array, prefix: Uint8Array, rowBytes: number): boolean {
  const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
  const expected = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const whole = prefix.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    const word = expected.getUint32(i);
    for (let at = i; at < part.length; at += rowBytes) if (view.getUint32(at) !== word) return false;
  }
  for (let i = whole; i < prefix.length; i++)
    for (let at = i; at < part.length; at += rowBytes) if (part[at] !== prefix[i]) return false;
  return true;
}

/** Null when a row is another tenant's, or a time lies outside the block's day. */
function encode(block: InsertBlock, shape: RowShape, take: TakeMemory): Uint8Array | null {
  const { columns, prefix, rowBytes } = shape;
  const heads = columns.map(({ spec }) => Buffer.concat([text(spec.name), text(spec.type)]));
  const start = Buffer.concat([varUint(columns.length), varUint(block.rows)]);
  const headBytes = heads.reduce((sum, head) => sum + head.length, start.length);
  const bytes = take(headBytes + block.rows * (rowBytes - prefix.length));
  const target = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start.copy(bytes);
  const begins = columns.map(({ width }, index) => {
    const begin = at + (heads[index]?.copy(bytes, at) ?? 0);
    at = begin + block.rows * width;
    return begin;
  });
  // Part by part, so that each is fetched from memory once for all columns.
  const ends = [...begins];
  for (const part of block.payload) {
    if (!haveTenant(part, prefix, rowBytes)) return null;
    for (const [index, column] of columns.entries())
      ends[index] = copyColumn(target, ends[index] ?? 0, part, column, shape);
  }
  const time = columns.findIndex(({ spec }) => spec.name === block.table.timeColumn);
  const column = columns[time];
  const timesAt = begins[time];
  if (column !== undefined && timesAt !== undefined && !timesFit(target, timesAt, block, column)) return null;
  return bytes;
}

/** Where the column's values of this part end. */
function copyColumn(
  target: DataView,
  start: number,
  part: Uint8Array,
  { width, offset }: FixedColumn,
  { prefix, rowBytes }: RowShape,
): number {
  const source = new DataView(part.buffer, part.byteOffset, part.byteLength);
  let at = start;
  const first = prefix.length + offset;
  if (width === 8)
    for (let from = first; from < part.length; from += rowBytes, at += 8) {
      target.setUint32(at, source.getUint32(from, true), true);
      target.setUint32(at + 4, source.getUint32(from + 4, true), true);
    }
  else if (width === 4)
    for (let from = first; from < part.length; from += rowBytes, at += 4)
      target.setUint32(at, source.getUint32(from, true), true);
  else
    for (let from = first; from < part.length; from += rowBytes)
      for (let i = 0; i < width; i++) target.setUint8(at++, source.getUint8(from + i));
  return at;
}

/** What `timeCheck` of insert.ts has the engine check: times of the block's day, or of 1970 to 2105 where they could be of any. */
function timesFit(
  target: DataView,
  start: number,
  { rows, day }: InsertBlock,
  { spec, width }: FixedColumn,
): boolean {
  const scale = DATE_TIME_64.exec(spec.type)?.[1];
  if (scale === undefined && day === undefined) return true;
  const ticks = spec.type === 'Date' ? 1 : DAY_SECONDS * 10 ** Number(scale ?? 0);
  const from = (day ?? 0) * ticks;
  const to = day === undefined ? END_DAY * ticks : from + ticks;
  for (let at = start, end = start + rows * width; at < end; at += width) {
    const time = timeAt(target, at, width);
    if (time < from || time >= to) return false;
  }
  return true;
}

function timeAt(view: DataView, at: number, width: number): number {
  if (width === 8) return view.getInt32(at + 4, true) * TWO_32 + view.getUint32(at, true);
  return width === 4 ? view.getUint32(at, true) : view.getUint16(at, true);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([varUint(bytes.length), bytes]);
}

function varUint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
