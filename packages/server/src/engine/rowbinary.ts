/** What {@link RowBinaryWriter.take} hands over: the payload of one journal frame. */
export interface RowBinaryRows {
  readonly rows: number;
  readonly payload: Uint8Array;
}

const MIN_CAPACITY = 4_096;
const NO_BYTES = Buffer.alloc(0);
/** Up to here a text is written letter by letter, which is quicker than handing it over. */
const SHORT = 64;

/**
 * Writes rows of ClickHouse's RowBinary column by column into one growing buffer, without an object per row.
 * The caller writes a row's columns in the table's order and ends it with {@link endRow}. LowCardinality(X) and X have
 * the same bytes; a Map is {@link varUint} of its size, then key and value in turn; an Array is its size, then the items.
 * Little-endian hosts only, as the engine itself. Source: clickhouse.com/docs/interfaces/formats/RowBinary.
 */
export class RowBinaryWriter {
  #bytes: Buffer;
  #view: DataView;
  #at = 0;
  #rowStart = 0;
  #rows = 0;

  constructor(capacity = 64 * 1024) {
    this.#bytes = Buffer.allocUnsafe(Math.max(MIN_CAPACITY, capacity));
    this.#view = viewOf(this.#bytes);
  }

  /** Finished rows since the last take. */
  get rows(): number {
    return this.#rows;
  }

  /** Bytes written since the last take, an unfinished row included. */
  get size(): number {
    return this.#at;
  }

  #room(bytes: number): number {
    const at = this.#at;
    const needed = at + bytes;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2, MIN_CAPACITY));
      this.#bytes.copy(grown, 0, 0, at);
      this.#bytes = grown;
      this.#view = viewOf(grown);
    }
    this.#at = needed;
    return at;
  }

  uint8(value: number): void {
    const at = this.#room(1);
    this.#bytes[at] = value;
  }

  bool(value: boolean): void {
    this.uint8(value ? 1 : 0);
  }

  uint16(value: number): void {
    const at = this.#room(2);
    this.#bytes[at] = value;
    this.#bytes[at + 1] = value >>> 8;
  }

  /** Also DateTime (seconds), Int32 and IPv4: the low 32 bits. */
  uint32(value: number): void {
    const at = this.#room(4);
    const bytes = this.#bytes;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
  }

  /** A 64-bit integer as its two words; each is cut to 32 bits. */
  uint64(low: number, high: number): void {
    this.uint32(low);
    this.uint32(high);
  }

  /** UInt64 or Int64; cut to 64 bits. */
  uint64Big(value: bigint): void {
    const at = this.#room(8);
    this.#bytes.writeBigUInt64LE(BigInt.asUintN(64, value), at);
  }

  /** Int64 of a whole number of at most 53 bits. */
  int64(value: number): void {
    const high = Math.floor(value / 4_294_967_296);
    this.uint64(value - high * 4_294_967_296, high);
  }

  /** DateTime64(3): epoch milliseconds. */
  dateTime64(epochMs: number): void {
    this.int64(epochMs);
  }

  /** Date: days since the epoch. */
  date(days: number): void {
    this.uint16(days);
  }

  /** A Float64. A NaN's payload may be lost on its way through a JavaScript number: see {@link float64Bits}. */
  float64(value: number): void {
    const at = this.#room(8);
    this.#view.setFloat64(at, value, true);
  }

  /** A Float64 by its two words, so that a staleness marker keeps its bits. */
  float64Bits(low: number, high: number): void {
    this.uint64(low, high);
  }

  /** Item `index` of a Float64Array given by its words (`new Uint32Array(values.buffer)`), bits kept. */
  float64From(words: Uint32Array, index: number): void {
    this.uint64(words[index * 2] ?? 0, words[index * 2 + 1] ?? 0);
  }

  /** Unsigned LEB128: the size of a String, Array or Map. */
  varUint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.uint8((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.uint8(rest);
  }

  /** String or LowCardinality(String); lone surrogates become U+FFFD. */
  string(value: string): void {
    const length = value.length;
    if (length < SHORT && this.#shortAscii(value, length)) return;
    const size = Buffer.byteLength(value);
    this.varUint(size);
    const at = this.#room(size);
    // A text of as many bytes as letters is ASCII.
    this.#bytes.write(value, at, size, size === length ? 'latin1' : 'utf8');
  }

  #shortAscii(value: string, length: number): boolean {
    const at = this.#room(length + 1);
    const bytes = this.#bytes;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) {
        this.#at = at;
        return false;
      }
      bytes[at + 1 + i] = code;
    }
    bytes[at] = length;
    return true;
  }

  /** String of raw bytes. */
  bytes(value: Uint8Array): void {
    this.varUint(value.length);
    this.fixed(value);
  }

  /** FixedString, or bytes that are RowBinary already (a cached row prefix). */
  fixed(value: Uint8Array): void {
    const at = this.#room(value.length);
    this.#bytes.set(value, at);
  }

  /** Map(String, String) or of LowCardinality. */
  map(entries: ReadonlyMap<string, string>): void {
    this.varUint(entries.size);
    for (const [key, value] of entries) {
      this.string(key);
      this.string(value);
    }
  }

  endRow(): void {
    this.#rows++;
    this.#rowStart = this.#at;
  }

  /** Drops an unfinished row, for a door that finds bad input in its middle. */
  abandonRow(): void {
    this.#at = this.#rowStart;
  }

  /** Drops all rows; the writer keeps its buffer. */
  clear(): void {
    this.#at = 0;
    this.#rowStart = 0;
    this.#rows = 0;
  }

  /** Float64s, one after the other. */
  float64s(values: readonly number[]): void {
    let at = this.#room(values.length * 8);
    const view = this.#view;
    for (let i = 0; i < values.length; i++, at += 8) view.setFloat64(at, values[i] ?? Number.NaN, true);
  }

  /**
   * The finished rows in the writer's own buffer, which is theirs from now on: for a writer that was made for them, of about their size.
   * The writer starts anew with a small one. A buffer that is mostly empty is not kept for so little: then they are copied.
   */
  give(): RowBinaryRows {
    if (this.#rowStart < this.#bytes.length / 2) return this.take();
    const given = { rows: this.#rows, payload: this.#bytes.subarray(0, this.#rowStart) };
    this.#bytes = NO_BYTES;
    this.#view = viewOf(NO_BYTES);
    this.clear();
    return given;
  }

  /** The finished rows, copied out; the writer starts anew and keeps its buffer. An unfinished row is dropped. */
  take(): RowBinaryRows {
    const payload = new Uint8Array(this.#rowStart);
    payload.set(this.#bytes.subarray(0, this.#rowStart));
    const rows = this.#rows;
    this.clear();
    return { rows, payload };
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
