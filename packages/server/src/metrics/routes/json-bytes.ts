import { formatValue } from '@pharos/promql';
import { writeDigits } from './decimal-digits.ts';

/** Bytes a float takes at most, sign and exponent included. */
export const MOST_FLOAT_BYTES = 32;
const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;

/** JSON text as bytes, appended to one buffer that grows. */
export class JsonBytes {
  #bytes: Buffer;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written, as a view; the writer must not be used again. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Makes room for so many bytes: `copy` and `float` do not look. */
  reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }

  text(text: string): void {
    this.reserve(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length);
  }

  /** Plain characters below 128. */
  ascii(text: string): void {
    this.reserve(text.length);
    for (let i = 0; i < text.length; i++) this.#bytes[this.#length++] = text.charCodeAt(i);
  }

  /** Some bytes of another buffer; short ones faster than a call would. */
  copy(source: Buffer, from: number, to: number): void {
    const bytes = this.#bytes;
    let at = this.#length;
    if (to - from < SHORT) for (let i = from; i < to; i++) bytes[at++] = source[i];
    else at += source.copy(bytes, at, from, to);
    this.#length = at;
  }

  /** Bytes that another writer holds. */
  copyFrom(source: JsonBytes, from: number, to: number): void {
    this.reserve(to - from);
    this.copy(source.#bytes, from, to);
  }

  /** Bytes written before, again. */
  repeat(from: number, to: number): void {
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = from; i < to; i++) bytes[at++] = bytes[i];
    this.#length = at;
  }

  /**
   * A float as `formatValue` writes it. What has three decimals at most, and few enough digits that no other text of as
   * many reads back as the same float, is written digit by digit.
   */
  float(value: number): void {
    const thousands = Math.round(value * 1000);
    if (thousands / 1000 === value && thousands < MOST_EXACT && thousands > -MOST_EXACT && thousands !== 0) {
      this.#fixed(thousands);
      return;
    }
    const bytes = this.#bytes;
    let at = this.#length;
    const end = writeDigits(bytes, at, value);
    if (end >= 0) {
      this.#length = end;
      return;
    }
    const text = formatValue(value);
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.#length = at;
  }

  /** A number of thousandths without trailing zeros. */
  #fixed(thousands: number): void {
    const bytes = this.#bytes;
    let rest = thousands;
    if (rest < 0) {
      bytes[this.#length++] = MINUS;
      rest = -rest;
    }
    const whole = Math.floor(rest / 1000);
    this.#digits(whole);
    const fraction = rest - whole * 1000;
    if (fraction === 0) return;
    const tenths = Math.floor(fraction / 100);
    const hundredths = Math.floor(fraction / 10) % 10;
    const last = fraction % 10;
    bytes[this.#length++] = POINT;
    bytes[this.#length++] = ZERO + tenths;
    if (hundredths === 0 && last === 0) return;
    bytes[this.#length++] = ZERO + hundredths;
    if (last !== 0) bytes[this.#length++] = ZERO + last;
  }

  /** A whole number below 2^31, from its last digit on. */
  #digits(whole: number): void {
    const bytes = this.#bytes;
    let count = 1;
    for (let power = 10; power <= whole; power *= 10) count++;
    let rest = whole | 0;
    for (let at = this.#length + count - 1; at >= this.#length; at--) {
      const next = (rest / 10) | 0;
      bytes[at] = ZERO + rest - next * 10;
      rest = next;
    }
    this.#length += count;
  }
}

/** Below it a loop copies faster than a call. */
const SHORT = 24;
/** Thousandths up to which the whole part is a 31-bit number: 13 digits, and up to 15 a decimal is the only one of its float. */
const MOST_EXACT = 2_147_483_647_000;
