import { tagOf, WIRE } from './protobuf.ts';

const FIRST_CAPACITY = 256;
const TWO_32 = 4_294_967_296;

/** Writes protobuf messages. Fields with default values are the caller's to leave out. */
export class ProtobufWriter {
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** What was written, a view into memory that later writes may replace. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  clear(): void {
    this.#at = 0;
  }

  /** A varint field; a negative number takes ten bytes, as int64 does. Exact up to 2^53 either way. */
  varint(field: number, value: number): this {
    this.#reserve(20);
    this.#varint(tagOf(field, WIRE.varint));
    this.#varint(value);
    return this;
  }

  /** An int64 field, exact. */
  int64(field: number, value: bigint): this {
    this.#reserve(20);
    this.#varint(tagOf(field, WIRE.varint));
    for (let left = BigInt.asUintN(64, value); ; left >>= 7n) {
      const last = left < 0x80n;
      this.#bytes[this.#at++] = Number(left & 0x7fn) | (last ? 0 : 0x80);
      if (last) return this;
    }
  }

  /** A zigzag varint field (sint32, sint64). */
  zigzag(field: number, value: number): this {
    return this.varint(field, value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** A double field, its bits as they are. */
  double(field: number, value: number): this {
    this.#fixed64(field);
    this.#view.setFloat64(this.#at - 8, value, true);
    return this;
  }

  /** A double, fixed64 or sfixed64 field from its two words. */
  words(field: number, low: number, high: number): this {
    this.#fixed64(field);
    this.#view.setUint32(this.#at - 8, low, true);
    this.#view.setUint32(this.#at - 4, high, true);
    return this;
  }

  /** A fixed64 field; exact up to 2^53. */
  fixed64(field: number, value: number): this {
    return this.words(field, value % TWO_32, Math.floor(value / TWO_32));
  }

  /** A fixed32 field. */
  fixed32(field: number, value: number): this {
    this.#reserve(14);
    this.#varint(tagOf(field, WIRE.fixed32));
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
    return this;
  }

  text(field: number, value: string): this {
    return this.range(field, Buffer.from(value));
  }

  range(field: number, value: Uint8Array): this {
    this.#reserve(20 + value.length);
    this.#varint(tagOf(field, WIRE.bytes));
    this.#varint(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  /** A message, or packed numbers, written by `write` into a writer of its own. */
  message(field: number, write: (inner: ProtobufWriter) => void): this {
    const inner = new ProtobufWriter();
    write(inner);
    return this.range(field, inner.bytes);
  }

  /** Bare varints one after another, for packed fields. */
  rawVarint(value: number): this {
    this.#reserve(10);
    this.#varint(value);
    return this;
  }

  rawZigzag(value: number): this {
    return this.rawVarint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  rawFixed64(value: number): this {
    this.#reserve(8);
    this.#view.setUint32(this.#at, value % TWO_32, true);
    this.#view.setUint32(this.#at + 4, Math.floor(value / TWO_32), true);
    this.#at += 8;
    return this;
  }

  rawDouble(value: number): this {
    this.#reserve(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
    return this;
  }

  #fixed64(field: number): void {
    this.#reserve(18);
    this.#varint(tagOf(field, WIRE.fixed64));
    this.#at += 8;
  }

  #varint(value: number): void {
    let low = value < 0 ? -1 - value : value;
    let high = Math.floor(low / TWO_32);
    low = (low % TWO_32) >>> 0;
    if (value < 0) {
      low = ~low >>> 0;
      high = ~high >>> 0;
    }
    while (high !== 0 || low > 0x7f) {
      this.#bytes[this.#at++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | ((high & 0x7f) << 25)) >>> 0;
      high >>>= 7;
    }
    this.#bytes[this.#at++] = low;
  }

  #reserve(length: number): void {
    if (this.#at + length <= this.#bytes.length) return;
    const grown = new Uint8Array(2 ** Math.ceil(Math.log2(this.#at + length)));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
