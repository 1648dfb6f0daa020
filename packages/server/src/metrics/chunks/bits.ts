import { defineErrors } from '../../kernel/errors.ts';

export const chunkErrors = defineErrors('chunk', { malformed: { kind: 'bad_request' } });

const FIRST_CAPACITY = 256;
const TWO_32 = 2 ** 32;

/** Writes bits from the highest of each byte down, as chunks of Prometheus' TSDB have them. */
export class BitWriter {
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #bit = 0;

  get byteLength(): number {
    return (this.#bit + 7) >>> 3;
  }

  /** A copy of what was written; the last byte is filled up with zeros. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.byteLength);
  }

  /** The lowest `count` (at most 32) bits of a number. */
  bits(value: number, count: number): void {
    if (this.#bit + count > this.#bytes.length * 8) this.#grow();
    let left = count;
    while (left > 0) {
      const free = 8 - (this.#bit & 7);
      const take = Math.min(free, left);
      const part = (value >>> (left - take)) & ((1 << take) - 1);
      this.#bytes[this.#bit >>> 3] |= part << (free - take);
      this.#bit += take;
      left -= take;
    }
  }

  /** The lowest `count` (33 to 64) bits of two words. */
  words(high: number, low: number, count: number): void {
    this.bits(high, count - 32);
    this.bits(low, 32);
  }

  /** The lowest `count` bits of a whole number in two's complement; exact up to 2^53 either way. */
  whole(value: number, count: number): void {
    if (count <= 32) this.bits(value, count);
    else this.words(Math.floor(value / TWO_32), value % TWO_32, count);
  }

  /** Replaces two bytes, highest first. */
  patch16(at: number, value: number): void {
    this.#bytes[at] = value >>> 8;
    this.#bytes[at + 1] = value & 0xff;
  }

  #grow(): void {
    const grown = new Uint8Array(this.#bytes.length * 2);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** Reads bits from the highest of each byte down. Every read past the end fails with `chunk.malformed`. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #bit: number;

  constructor(bytes: Uint8Array, startByte = 0) {
    this.#bytes = bytes;
    this.#bit = startByte * 8;
  }

  bit(): number {
    return this.bits(1);
  }

  /** At most 32 bits as an unsigned number. */
  bits(count: number): number {
    if (this.#bit + count > this.#bytes.length * 8)
      throw chunkErrors.make('malformed', 'the chunk ends in the middle of a sample');
    let value = 0;
    let left = count;
    while (left > 0) {
      const free = 8 - (this.#bit & 7);
      const take = Math.min(free, left);
      const part = (this.#bytes[this.#bit >>> 3] >>> (free - take)) & ((1 << take) - 1);
      value = value * 2 ** take + part;
      this.#bit += take;
      left -= take;
    }
    return value;
  }

  /** An unsigned number of up to 64 bits; exact up to 2^53. */
  unsigned(count: number): number {
    if (count <= 32) return this.bits(count);
    const high = this.bits(count - 32);
    return high * TWO_32 + this.bits(32);
  }

  /** A signed number of up to 64 bits, of which -2^(count - 1) is read as positive, as TSDB does; exact up to 2^53 either way. */
  signed(count: number): number {
    if (count <= 32) {
      const value = this.bits(count);
      return value > 2 ** (count - 1) ? value - 2 ** count : value;
    }
    const high = this.bits(count - 32);
    const low = this.bits(32);
    const half = 2 ** (count - 33);
    const negative = high > half || (high === half && low > 0);
    return (negative ? high - 2 * half : high) * TWO_32 + low;
  }
}
