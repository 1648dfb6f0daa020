import { wireErrors } from './errors.ts';

/** How a field's value is written (Protocol Buffers encoding, "Message structure"). */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** A field's tag as it stands before its value. */
export function tagOf(field: number, wire: number): number {
  return field * 8 + wire;
}

const TWO_32 = 4_294_967_296;

/**
 * Reads protobuf from a range of bytes, without copies: messages and texts are ranges of the same bytes. Every read is bounded by
 * `end`; what does not fit fails with `wire.malformed`.
 */
export class ProtobufReader {
  bytes: Uint8Array = EMPTY;
  view: DataView = new DataView(EMPTY.buffer);
  at = 0;
  end = 0;

  reset(bytes: Uint8Array, start = 0, end = bytes.length): this {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = start;
    this.end = end;
    return this;
  }

  /** A tag, length or small number: an unsigned varint of at most 32 bits; higher bits are an error. */
  uint32(): number {
    const { bytes, end } = this;
    let { at } = this;
    if (at >= end) throw truncated();
    let byte = bytes[at++];
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (shift > 28 || at >= end) throw shift > 28 ? oversized() : truncated();
      byte = bytes[at++];
      if (shift === 28 && byte > 0x0f) throw oversized();
      value |= (byte & 0x7f) << shift;
    }
    this.at = at;
    return value >>> 0;
  }

  /** A signed 64-bit varint (int64, also negative int32 and enums) as a number; exact up to 2^53 either way. */
  int64(): number {
    this.#words();
    return this.#high * TWO_32 + this.#low;
  }

  /** An unsigned 64-bit varint as a number; exact up to 2^53. */
  uint64(): number {
    this.#words();
    return (this.#high >>> 0) * TWO_32 + this.#low;
  }

  /** A zigzag varint (sint32, sint64) as a number; exact up to 2^53 either way. */
  sint64(): number {
    this.#words();
    const negative = (this.#low & 1) === 1;
    const magnitude = (this.#high >>> 0) * (TWO_32 / 2) + (this.#low >>> 1);
    return negative ? -magnitude - 1 : magnitude;
  }

  double(): number {
    const at = this.#take(8);
    return this.view.getFloat64(at, true);
  }

  /** A fixed64 as an unsigned number; exact up to 2^53. */
  fixed64(): number {
    const at = this.#take(8);
    return this.view.getUint32(at + 4, true) * TWO_32 + this.view.getUint32(at, true);
  }

  /** A fixed64 with nanoseconds as milliseconds since the epoch, rounded down; exact, though nanoseconds pass 2^53 (compat X-5). */
  fixed64Milliseconds(): number {
    const at = this.#take(8);
    return nanosToMillis(this.view.getUint32(at + 4, true), this.view.getUint32(at, true));
  }

  /** An sfixed64 as a number; exact up to 2^53 either way. */
  sfixed64(): number {
    const at = this.#take(8);
    return this.view.getInt32(at + 4, true) * TWO_32 + this.view.getUint32(at, true);
  }

  /** A signed 64-bit varint as decimal digits, exact. */
  int64Text(): string {
    this.#words();
    const value = this.#high * TWO_32 + this.#low;
    return Number.isSafeInteger(value)
      ? String(value)
      : String((BigInt(this.#high) << 32n) | BigInt(this.#low));
  }

  /** Where a fixed64 stands, stepped over: its words are in `view`. */
  fixed64At(): number {
    return this.#take(8);
  }

  /** A fixed32 as an unsigned number. */
  fixed32(): number {
    return this.view.getUint32(this.#take(4), true);
  }

  bool(): boolean {
    return this.int64() !== 0;
  }

  /** The end of a length-delimited value that begins at `at`. */
  delimited(): number {
    const length = this.uint32();
    const end = this.at + length;
    if (end > this.end) throw truncated();
    return end;
  }

  /** To be called after a nested message or packed field was read: its last value must not reach beyond its end. */
  leave(end: number): void {
    if (this.at !== end) throw wireErrors.make('malformed', 'protobuf: a value reaches beyond its message');
  }

  /** The value's bytes, a view. */
  range(): Uint8Array {
    const end = this.delimited();
    const bytes = this.bytes.subarray(this.at, end);
    this.at = end;
    return bytes;
  }

  /** A text; null when it is not valid UTF-8. */
  text(): string | null {
    const end = this.delimited();
    const text = utf8Text(this.bytes, this.at, end);
    this.at = end;
    return text;
  }

  /** Steps over a value of a field that is not understood. Groups were never part of these formats. */
  skip(tag: number): void {
    if (tag < 8) throw wireErrors.make('malformed', 'protobuf: field number 0');
    switch (tag & 7) {
      case WIRE.varint:
        this.#words();
        return;
      case WIRE.fixed64:
        this.#take(8);
        return;
      case WIRE.bytes:
        this.at = this.delimited();
        return;
      case WIRE.fixed32:
        this.#take(4);
        return;
      default:
        throw wireErrors.make('malformed', `protobuf: wire type ${tag & 7} of field ${tag >>> 3}`);
    }
  }

  #low = 0;
  #high = 0;

  #take(length: number): number {
    const { at } = this;
    if (at + length > this.end) throw truncated();
    this.at = at + length;
    return at;
  }

  /** The two words of a 64-bit varint: low unsigned, high signed. */
  #words(): void {
    const { bytes, end } = this;
    let { at } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= end) throw truncated();
      if (shift > 63) throw oversized();
      const byte = bytes[at++];
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) break;
    }
    this.at = at;
    this.#low = low >>> 0;
    this.#high = high | 0;
  }
}

/** Nanoseconds in two words as whole milliseconds. */
export function nanosToMillis(high: number, low: number): number {
  // high * 2^32 / 10^6 split so that every step stays exact: 2^32 = 4294 * 10^6 + 967296.
  return high * 4294 + Math.floor((high * 967_296 + low) / 1_000_000);
}

const EMPTY = new Uint8Array(0);
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Below this a loop over the bytes is faster than the decoder's call. */
const SHORT_TEXT = 24;

/** A range as text; null when it is not valid UTF-8. */
export function utf8Text(bytes: Uint8Array, start: number, end: number): string | null {
  if (end - start <= SHORT_TEXT) {
    let text = '';
    let at = start;
    for (; at < end; at++) {
      const byte = bytes[at];
      if (byte >= 0x80) break;
      text += String.fromCharCode(byte);
    }
    if (at === end) return text;
  }
  try {
    return strict.decode(bytes.subarray(start, end));
  } catch {
    return null;
  }
}

function truncated() {
  return wireErrors.make('malformed', 'protobuf: unexpected end of the message');
}

function oversized() {
  return wireErrors.make('malformed', 'protobuf: a number has too many bits');
}
