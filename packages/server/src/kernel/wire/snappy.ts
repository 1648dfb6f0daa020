import type { PharosError } from '../errors.ts';
import { wireErrors } from './errors.ts';

/**
 * The snappy block format (google/snappy, format_description.txt): the decoded length as a varint, then literals and copies of what
 * stands further up. Not the framed stream format.
 */

/** Below this a loop copies faster than a call does. */
const LOOP_BYTES = 32;
/** Copies go by words of this many bytes where they do not overlap within one. */
const WORD = 4;

/** The two low bits of a tag; the fourth kind is a copy with an offset of four bytes. */
const LITERAL = 0;
const SHORT_COPY = 1;
const COPY = 2;
const OFFSET_BYTES = Uint8Array.of(0, 1, 2, 4);

/**
 * Decodes one block in slices, so that a large one need not hold the event loop: `while (!decoder.run(…)) await …`. The declared
 * length is checked against the limit before anything is allocated, and nothing is ever written beyond it.
 */
export class SnappyDecoder {
  /** Bytes the block says it decodes to. */
  readonly length: number;
  readonly #input: Uint8Array;
  #output: Uint8Array = NOTHING;
  #view: DataView = new DataView(NOTHING.buffer);
  #in: number;
  #out = 0;

  /** Throws `wire.malformed` for a bad header, `wire.tooLarge` above `limit` bytes. */
  constructor(input: Uint8Array, limit: number) {
    this.#input = input;
    let length = 0;
    let at = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= input.length || shift > 28) throw corrupt('its header is no length');
      const byte = input[at++];
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    if (length > 0xffffffff) throw corrupt('its header is no length');
    if (length > limit) {
      throw wireErrors.make(
        'tooLarge',
        `snappy: the body decodes to ${length} bytes, expected at most ${limit}`,
      );
    }
    // A copy of 64 bytes takes three bytes, a literal at least its own length: less input than that cannot fill it.
    if (length > input.length * 32) throw corrupt('it is too short for its length');
    this.length = length;
    this.#in = at;
  }

  /** Where to decode to: `length` bytes. */
  into(output: Uint8Array): this {
    this.#output = output;
    this.#view = new DataView(output.buffer, output.byteOffset, output.byteLength);
    return this;
  }

  /** Decodes about as many bytes as told; true when all is done. Throws `wire.malformed`. */
  run(bytes = Number.POSITIVE_INFINITY): boolean {
    const input = this.#input;
    const inputEnd = input.length;
    const { length } = this;
    const stop = this.#out + bytes;
    let at = this.#in;
    let out = this.#out;
    while (at < inputEnd && out < stop) {
      const tag = input[at++];
      const kind = tag & 3;
      let size = (tag >>> 2) + 1;
      if (kind === LITERAL) {
        if (size > 60) {
          const extra = size - 60;
          if (at + extra > inputEnd) throw corrupt('a literal is cut off');
          size = 1 + littleEndian(input, at, extra);
          at += extra;
        }
        if (size > inputEnd - at || size > length - out) throw corrupt('a literal is too long');
        this.#literal(at, out, size);
        at += size;
      } else {
        if (at + OFFSET_BYTES[kind] > inputEnd) throw corrupt('a copy is cut off');
        let offset = input[at];
        if (kind === SHORT_COPY) {
          size = ((tag >>> 2) & 7) + 4;
          offset |= (tag & 0xe0) << 3;
        } else offset = kind === COPY ? offset | (input[at + 1] << 8) : littleEndian(input, at, 4);
        at += OFFSET_BYTES[kind];
        if (offset === 0 || offset > out) throw corrupt('a copy points before the start');
        if (size > length - out) throw corrupt('a copy is too long');
        this.#copy(out, offset, size);
      }
      out += size;
    }
    this.#in = at;
    this.#out = out;
    if (at < inputEnd) return false;
    if (out !== length) throw corrupt('it ends before its length');
    return true;
  }

  #literal(from: number, to: number, size: number): void {
    const input = this.#input;
    const output = this.#output;
    if (size > LOOP_BYTES) output.set(input.subarray(from, from + size), to);
    else for (let i = 0; i < size; i++) output[to + i] = input[from + i];
  }

  #copy(to: number, offset: number, size: number): void {
    const end = to + size;
    if (offset >= WORD && end <= this.length - WORD) {
      const view = this.#view;
      // A few bytes too many are written over by what follows.
      for (let at = to; at < end; at += WORD) view.setInt32(at, view.getInt32(at - offset));
    } else {
      const output = this.#output;
      // Byte by byte: a copy may overlap what it writes, which repeats it.
      for (let at = to; at < end; at++) output[at] = output[at - offset];
    }
  }
}

/** The decoded block in a buffer of its own. */
export function snappyDecode(input: Uint8Array, limit: number): Uint8Array {
  const decoder = new SnappyDecoder(input, limit);
  const output = new Uint8Array(decoder.length);
  decoder.into(output).run();
  return output;
}

const NOTHING = new Uint8Array(0);

function littleEndian(input: Uint8Array, at: number, bytes: number): number {
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + input[at + i];
  return value;
}

function corrupt(why: string): PharosError {
  return wireErrors.make('malformed', `snappy: the body is not a valid block: ${why}`);
}

/** The format's own limit is 2^32 - 1; offsets of two bytes reach this far. */
const WINDOW = 65_536;
const HASH_BITS = 14;
const SHORTEST_MATCH = 4;

/** Encodes a block: greedy matches of at least four bytes within 64 KiB. */
export function snappyEncode(input: Uint8Array): Uint8Array {
  const output = new Uint8Array(10 + input.length + Math.ceil(input.length / 60) * 5);
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const table = new Int32Array(2 ** HASH_BITS).fill(-WINDOW);
  let out = writeLength(output, input.length);
  let literal = 0;
  let at = 0;
  const last = input.length - SHORTEST_MATCH;
  while (at <= last) {
    const word = view.getInt32(at, true);
    const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS);
    const found = table[slot];
    table[slot] = at;
    if (at - found >= WINDOW || view.getInt32(Math.max(0, found), true) !== word) {
      at++;
      continue;
    }
    out = writeLiteral(output, out, input.subarray(literal, at));
    const offset = at - found;
    let end = at + SHORTEST_MATCH;
    while (end < input.length && input[end] === input[end - offset]) end++;
    while (at < end) {
      const size = Math.min(64, end - at);
      output[out++] = ((size - 1) << 2) | 2;
      output[out++] = offset & 0xff;
      output[out++] = offset >>> 8;
      at += size;
    }
    literal = at;
  }
  out = writeLiteral(output, out, input.subarray(literal));
  return output.subarray(0, out);
}

function writeLength(output: Uint8Array, length: number): number {
  let out = 0;
  let rest = length;
  while (rest > 0x7f) {
    output[out++] = (rest & 0x7f) | 0x80;
    rest = Math.floor(rest / 128);
  }
  output[out++] = rest;
  return out;
}

function writeLiteral(output: Uint8Array, at: number, bytes: Uint8Array): number {
  let out = at;
  if (bytes.length === 0) return out;
  const size = bytes.length - 1;
  if (size < 60) output[out++] = size << 2;
  else {
    const extra = size < 0x100 ? 1 : size < 0x10000 ? 2 : size < 0x1000000 ? 3 : 4;
    output[out++] = (59 + extra) << 2;
    for (let i = 0; i < extra; i++) output[out++] = Math.floor(size / 256 ** i) & 0xff;
  }
  output.set(bytes, out);
  return out + bytes.length;
}
