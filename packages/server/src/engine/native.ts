import { concat, gather } from './column-ops.ts';
import { type Column, type ColumnBlock, columnRows, createColumnBlock } from './columns.ts';
import { engineErrors } from './errors.ts';
import { type NativeType, type NumberRead, parseType } from './native-types.ts';

/*
 * The Native format, as the embedded engine and HTTP write it (revision 0):
 *
 *   answer := block*                     no block at all when there are no rows
 *   block  := columns:varint rows:varint column*
 *   column := name:string type:string prefix data       (nothing after the type when rows is 0)
 *   prefix := version:u64 = 1 for each LowCardinality inside the type, in order
 *   data   := Array, Map: end offsets u64[rows], then the flat items
 *             Nullable: a byte per row, then the values
 *             LowCardinality: { flags:u64 keys:u64 dictionary rows:u64 index[rows] }*   (nothing when there are no rows)
 *             String: { length:varint bytes }*          numbers: little-endian, packed
 *
 * Source: src/Formats/NativeWriter.cpp, src/DataTypes/Serializations of ClickHouse.
 */

const MAX_COLUMNS = 1_000;
const LOW_CARDINALITY_VERSION = 1n;
const HAS_GLOBAL_DICTIONARY = 0x100n;
const HAS_ADDITIONAL_KEYS = 0x200n;

/** Decodes a whole answer, of any number of blocks. Throws `undecodable` on bytes that are not Native, `badQuery` on an unknown type. */
export function decodeNative(bytes: Uint8Array): ColumnBlock {
  const input = new Input(bytes);
  const parts = new Map<string, Column[]>();
  let rows = 0;
  while (!input.atEnd) {
    const columns = input.varint();
    const blockRows = input.varint();
    if (columns === 0 || columns > MAX_COLUMNS) throw broken(`a block has ${columns} columns`);
    if (blockRows > 0xffff_ffff) throw broken(`a block has ${blockRows} rows`);
    const first = parts.size === 0;
    const seen = new Set<string>();
    for (let i = 0; i < columns; i++) {
      const name = input.string();
      const type = parseType(input.string());
      if (seen.has(name)) throw broken(`column ${JSON.stringify(name.slice(0, 100))} comes twice`);
      seen.add(name);
      const list = first ? [] : parts.get(name);
      if (list === undefined) throw broken('blocks have different columns');
      parts.set(name, list);
      if (blockRows === 0) continue;
      readPrefix(input, type);
      list.push(readColumn(input, type, blockRows));
    }
    if (seen.size !== parts.size) throw broken('blocks have different columns');
    rows += blockRows;
  }
  const columns = new Map<string, Column>();
  if (rows > 0) for (const [name, list] of parts) columns.set(name, concat(list));
  return createColumnBlock(rows, columns);
}

function broken(what: string) {
  return engineErrors.make('undecodable', `the engine's answer is not Native: ${what}`);
}

class Input {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The next bytes, shared with the answer; checked against what is left before anything is allocated for them. */
  take(size: number): Buffer {
    if (size > this.#bytes.length - this.#at)
      throw broken(`${size} bytes expected at ${this.#at}, ${this.#bytes.length - this.#at} left`);
    const from = this.#at;
    this.#at += size;
    return this.#bytes.subarray(from, this.#at);
  }

  expectAtLeast(size: number): void {
    if (size > this.#bytes.length - this.#at) throw broken(`it ends after ${this.#bytes.length} bytes`);
  }

  varint(): number {
    let value = 0;
    for (let factor = 1, size = 0; size < 8; factor *= 128, size++) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw broken('it ends within a length');
      this.#at++;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
    }
    throw broken('a length is too long');
  }

  string(): string {
    const size = this.varint();
    const from = this.#at;
    if (size > this.#bytes.length - from) throw broken(`a string of ${size} bytes at ${from} is cut off`);
    this.#at += size;
    return this.#bytes.toString('utf8', from, this.#at);
  }

  uint64(): bigint {
    return this.take(8).readBigUInt64LE();
  }
}

function readPrefix(input: Input, type: NativeType): void {
  switch (type.kind) {
    case 'lowCardinality': {
      const version = input.uint64();
      if (version !== LOW_CARDINALITY_VERSION) throw broken(`LowCardinality version ${version}`);
      break;
    }
    case 'array':
    case 'nullable':
      readPrefix(input, type.inner);
      break;
    case 'map':
      readPrefix(input, type.key);
      readPrefix(input, type.value);
      break;
    case 'tuple':
      for (const item of type.items) readPrefix(input, item);
      break;
    case 'number':
    case 'string':
    case 'fixed':
    case 'enum':
      break;
  }
}

function readColumn(input: Input, type: NativeType, rows: number): Column {
  switch (type.kind) {
    case 'number':
      return readNumbers(input, type.read, rows);
    case 'string':
      return { kind: 'string', data: readStrings(input, rows) };
    case 'fixed':
      // Of the answer's own memory: copied once, when its blocks are put together.
      return { kind: 'bytes', width: type.width, data: input.take(rows * type.width) };
    case 'enum':
      return { kind: 'string', data: readEnum(input, type.read, type.names, rows) };
    case 'nullable': {
      const nulls = copyOf(input.take(rows));
      return { kind: 'nullable', nulls, values: readColumn(input, type.inner, rows) };
    }
    case 'array': {
      const offsets = readOffsets(input, rows);
      return { kind: 'array', offsets, items: readColumn(input, type.inner, offsets.at(-1) ?? 0) };
    }
    case 'map': {
      const offsets = readOffsets(input, rows);
      const size = offsets.at(-1) ?? 0;
      const keys = readColumn(input, type.key, size);
      return { kind: 'map', offsets, keys, values: readColumn(input, type.value, size) };
    }
    case 'tuple':
      return { kind: 'tuple', rows, items: type.items.map((item) => readColumn(input, item, rows)) };
    case 'lowCardinality':
      return readLowCardinality(input, type.inner, type.nullable, rows);
  }
}

function copyOf(bytes: Buffer): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}

const WIDTH: Readonly<Record<NumberRead, number>> = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
  uint64: 8,
  int64: 8,
  float64: 8,
};

/** Copies rather than views: the answer's bytes are rarely aligned, and the copy lets the answer go. NaN bits survive. */
function readNumbers(input: Input, read: NumberRead, rows: number): Column {
  const { buffer } = copyOf(input.take(rows * WIDTH[read]));
  switch (read) {
    case 'uint8':
      return { kind: 'uint32', data: new Uint32Array(new Uint8Array(buffer)) };
    case 'uint16':
      return { kind: 'uint32', data: new Uint32Array(new Uint16Array(buffer)) };
    case 'uint32':
      return { kind: 'uint32', data: new Uint32Array(buffer) };
    case 'uint64':
      return { kind: 'uint64', data: new BigUint64Array(buffer) };
    case 'int64':
      return { kind: 'int64', data: new BigInt64Array(buffer) };
    case 'int8':
      return { kind: 'float64', data: new Float64Array(new Int8Array(buffer)) };
    case 'int16':
      return { kind: 'float64', data: new Float64Array(new Int16Array(buffer)) };
    case 'int32':
      return { kind: 'float64', data: new Float64Array(new Int32Array(buffer)) };
    case 'float32':
      return { kind: 'float64', data: new Float64Array(new Float32Array(buffer)) };
    case 'float64':
      return { kind: 'float64', data: new Float64Array(buffer) };
  }
}

function readStrings(input: Input, rows: number): string[] {
  input.expectAtLeast(rows);
  const strings: string[] = [];
  for (let i = 0; i < rows; i++) strings.push(input.string());
  return strings;
}

function readEnum(
  input: Input,
  read: 'int8' | 'int16',
  names: ReadonlyMap<number, string>,
  rows: number,
): string[] {
  const { buffer } = copyOf(input.take(rows * WIDTH[read]));
  const values = read === 'int8' ? new Int8Array(buffer) : new Int16Array(buffer);
  return Array.from(values, (value) => {
    const name = names.get(value);
    if (name === undefined) throw broken(`${value} is not in the Enum`);
    return name;
  });
}

function readOffsets(input: Input, rows: number): Uint32Array {
  const words = new Uint32Array(copyOf(input.take(rows * 8)).buffer);
  const offsets = new Uint32Array(rows);
  let last = 0;
  for (let i = 0; i < rows; i++) {
    const end = words[i * 2] ?? 0;
    if (words[i * 2 + 1] !== 0 || end < last) throw broken('array offsets do not rise');
    offsets[i] = end;
    last = end;
  }
  return offsets;
}

function readLowCardinality(input: Input, inner: NativeType, nullable: boolean, rows: number): Column {
  const parts: Column[] = [];
  for (let done = 0; done < rows; ) {
    const flags = input.uint64();
    if ((flags & HAS_GLOBAL_DICTIONARY) !== 0n || (flags & HAS_ADDITIONAL_KEYS) === 0n)
      throw broken(`LowCardinality flags ${flags}`);
    const keys = readColumn(input, inner, small(input.uint64()));
    const size = small(input.uint64());
    if (size === 0 || size > rows - done) throw broken(`LowCardinality of ${size} rows`);
    const index = readIndex(input, Number(flags & 0xffn), size);
    const known = columnRows(keys);
    for (const at of index) if (at >= known) throw broken(`LowCardinality index ${at} of ${known}`);
    const values = gather(keys, index);
    parts.push(
      nullable
        ? { kind: 'nullable', nulls: Uint8Array.from(index, (at) => (at === 0 ? 1 : 0)), values }
        : values,
    );
    done += size;
  }
  return parts.length === 0 ? readColumn(input, inner, 0) : concat(parts);
}

function small(value: bigint): number {
  if (value > 0xffff_ffffn) throw broken(`a count of ${value}`);
  return Number(value);
}

function readIndex(input: Input, width: number, rows: number): Uint32Array {
  const read = (['uint8', 'uint16', 'uint32'] as const)[width];
  if (read === undefined) throw broken(`LowCardinality index width ${width}`);
  const column = readNumbers(input, read, rows);
  return column.kind === 'uint32' ? column.data : new Uint32Array(0);
}
