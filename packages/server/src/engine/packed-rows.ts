import { engineErrors } from './errors.ts';
import { type FixedShape, fixedShape, tenantPrefix, tenantText } from './fixed-columns.ts';
import { type NativeBlock, type NativeRows, nativeBlock, type TakeMemory, timesFit } from './native-block.ts';
import type { TableSpec } from './tables.ts';
import type { InsertBlock } from './types.ts';

/*
 * Packed rows: those of a frame by column, for tables whose values have fixed lengths. Little-endian, every part filled up to
 * whole words of four bytes.
 *
 *   tenant (its length and its text, where the table has one) | rows | each other column: 0 | the value that every row has
 *                                                                                         1 | a value for each row
 */

/** Set in the schema version of packed rows. */
const PACKED = 0x8000;
const WORD = 4;
const ONE = 0;
const EACH = 1;

/** The schema version of a payload that holds packed rows of this version. */
export function packed(schemaVersion: number): number {
  return schemaVersion | PACKED;
}

/** Whether a payload of this schema version holds packed rows. */
export function isPacked(schemaVersion: number): boolean {
  return (schemaVersion & PACKED) !== 0;
}

/** Which columns the rows have, packed or not. */
export function rowVersion(schemaVersion: number): number {
  return isPacked(schemaVersion) ? schemaVersion - PACKED : schemaVersion;
}

function inWords(bytes: number): number {
  return Math.ceil(bytes / WORD);
}

/** Writes packed rows word by word: columns in the table's order, into memory that was taken once for all of them. */
export class PackedWriter {
  /** The payload as words; a column of its own begins where `each` says. */
  readonly words: Uint32Array<ArrayBuffer>;
  readonly #rows: number;
  #at: number;

  /**
   * `prefix` is the tenant with its length before it; `columnWords` are all words of the columns: for each row's values, and
   * two for each value that all rows have.
   */
  constructor(
    prefix: Uint8Array,
    rows: number,
    { columns, columnWords }: { readonly columns: number; readonly columnWords: number },
    take: (bytes: number) => Uint8Array<ArrayBuffer>,
  ) {
    const head = inWords(prefix.length);
    const length = head + 1 + columns + columnWords;
    const bytes = take(length * WORD);
    this.words = new Uint32Array(bytes.buffer, bytes.byteOffset, length);
    this.#rows = rows;
    this.words[head - 1] = 0;
    bytes.set(prefix);
    this.words[head] = rows;
    this.#at = head + 1;
  }

  /** The next column has a value of so many words for each row, to be written from the index that is answered. */
  each(words: number): number {
    this.words[this.#at] = EACH;
    const start = this.#at + 1;
    this.#at = start + this.#rows * words;
    return start;
  }

  /** The next column has one value of eight bytes for all rows. */
  one(low: number, high: number): void {
    this.words[this.#at] = ONE;
    this.words[this.#at + 1] = low;
    this.words[this.#at + 2] = high;
    this.#at += 3;
  }

  get payload(): Uint8Array {
    return new Uint8Array(this.words.buffer, this.words.byteOffset, this.#at * WORD);
  }
}

/** Where the values of a column lie. */
interface PackedColumn {
  readonly width: number;
  /** Of the first row's value. */
  readonly at: number;
  /** From one row's value to the next one's; 0 when all rows have the same. */
  readonly step: number;
}

export interface PackedRows {
  readonly rows: number;
  /** The tenant with its length before it; empty where the table has none. */
  readonly prefix: Uint8Array;
  readonly columns: readonly PackedColumn[];
}

/** Where everything lies in packed rows; null when they are no whole ones. */
function readPacked(bytes: Uint8Array, shape: FixedShape): PackedRows | null {
  const prefix = shape.tenant ? tenantPrefix(bytes) : bytes.subarray(0, 0);
  if (prefix === null) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = inWords(prefix.length) * WORD;
  if (at + WORD > bytes.length) return null;
  const rows = view.getUint32(at, true);
  at += WORD;
  const columns: PackedColumn[] = [];
  for (const { width } of shape.columns) {
    if (at + WORD > bytes.length) return null;
    const kind = view.getUint32(at, true);
    if (kind !== ONE && kind !== EACH) return null;
    columns.push({ width, at: at + WORD, step: kind === ONE ? 0 : width });
    at += WORD + inWords(kind === ONE ? width : width * rows) * WORD;
  }
  return at === bytes.length ? { rows, prefix, columns } : null;
}

/** The same by table and schema version. */
export function packedRows(bytes: Uint8Array, table: TableSpec, schemaVersion: number): PackedRows | null {
  const shape = fixedShape(table, rowVersion(schemaVersion));
  return shape === null ? null : readPacked(bytes, shape);
}

/** A block of packed rows as columns of the Native format; null under the conditions of `nativeRows`. */
export function nativePacked(block: InsertBlock, take: TakeMemory = Buffer.allocUnsafe): NativeRows | null {
  const shape = fixedShape(block.table, rowVersion(block.schemaVersion));
  const parts = shape === null ? null : wholeParts(block, shape);
  const [first] = parts ?? [];
  if (shape === null || parts === null || first === undefined) return null;
  const tenant = tenantText(first.read.prefix);
  if (tenant === null || parts.some(({ read }) => !sameBytes(read.prefix, first.read.prefix))) return null;
  const native = nativeBlock(shape.columns, block.rows, take);
  const ends = [...native.begins];
  for (const part of parts)
    for (const [index, column] of part.read.columns.entries())
      ends[index] = copyColumn(native, ends[index] ?? 0, part, column);
  if (!timesFit(block, shape.columns, native)) return null;
  return {
    bytes: native.bytes,
    tenant: shape.tenant ? tenant : null,
    columns: shape.columns.map(({ spec }) => spec),
  };
}

interface Part {
  readonly bytes: Uint8Array;
  readonly read: PackedRows;
}

/** Null when a part is not whole, or they have more or fewer rows than the block says. */
function wholeParts({ payload, rows }: InsertBlock, shape: FixedShape): readonly Part[] | null {
  const parts: Part[] = [];
  let found = 0;
  for (const bytes of payload) {
    const read = readPacked(bytes, shape);
    if (read === null) return null;
    parts.push({ bytes, read });
    found += read.rows;
  }
  return found === rows ? parts : null;
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

/** Where the column's values of this part end. */
function copyColumn(
  { bytes: target }: NativeBlock,
  start: number,
  { bytes, read }: Part,
  { width, at, step }: PackedColumn,
): number {
  const end = start + width * read.rows;
  if (step > 0) target.set(bytes.subarray(at, at + width * read.rows), start);
  else if (read.rows > 0) {
    target.set(bytes.subarray(at, at + width), start);
    // What is there is doubled until it is enough.
    for (let done = width; start + done < end; done *= 2)
      target.copyWithin(start + done, start, Math.min(start + done, end - done));
  }
  return end;
}

/** The same block with rows as RowBinary has them, for those who compare rows or find out what is wrong with them. */
export function unpacked(block: InsertBlock): InsertBlock {
  const schemaVersion = rowVersion(block.schemaVersion);
  const shape = fixedShape(block.table, schemaVersion);
  const parts = shape === null ? null : wholeParts(block, shape);
  if (shape === null || parts === null)
    throw engineErrors.make('refused', `a block for ${block.table.name}: its packed rows are not whole`);
  return { ...block, schemaVersion, payload: parts.map((part) => unpackPart(part, shape)) };
}

function unpackPart({ bytes, read }: Part, shape: FixedShape): Uint8Array {
  const { rows, prefix, columns } = read;
  const rowBytes = prefix.length + shape.rowBytes;
  const target = Buffer.allocUnsafe(rows * rowBytes);
  for (let row = 0; row < rows; row++) target.set(prefix, row * rowBytes);
  for (const [index, { width, at, step }] of columns.entries()) {
    const offset = prefix.length + (shape.columns[index]?.offset ?? 0);
    for (let row = 0; row < rows; row++)
      for (let i = 0; i < width; i++) target[row * rowBytes + offset + i] = bytes[at + row * step + i] ?? 0;
  }
  return target;
}
