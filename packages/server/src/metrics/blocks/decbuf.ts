import { crc32c } from '../../journal/index.ts';
import { blockErrors } from './errors.ts';

const TWO_32 = 2 ** 32;

/** Reads the big-endian numbers, varints and texts of TSDB's files. Every read past the end fails with `block.malformed`. */
export class DecodeBuffer {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.end = Math.min(end, bytes.length);
  }

  byte(): number {
    return this.bytes[this.#take(1)];
  }

  be32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  /** Exact up to 2^53. */
  be64(): number {
    const at = this.#take(8);
    return this.#view.getUint32(at) * TWO_32 + this.#view.getUint32(at + 4);
  }

  /** Exact up to 2^53. */
  uvarint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 64; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw malformed('a number has too many bits');
  }

  varint(): number {
    const zigzag = this.uvarint();
    return zigzag % 2 === 1 ? -(zigzag + 1) / 2 : zigzag / 2;
  }

  text(): string {
    const length = this.uvarint();
    const at = this.#take(length);
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + at, length).toString('utf8');
  }

  range(length: number): Uint8Array {
    const at = this.#take(length);
    return this.bytes.subarray(at, at + length);
  }

  #take(length: number): number {
    const { at } = this;
    if (!(at >= 0 && at + length <= this.end)) throw malformed('it ends in the middle of an entry');
    this.at = at + length;
    return at;
  }
}

/** A section behind its length (four bytes, or a varint), its CRC-32C checked. */
export function checkedSection(
  bytes: Uint8Array,
  offset: number,
  lengthAs: 'be32' | 'uvarint',
): DecodeBuffer {
  const head = new DecodeBuffer(bytes, offset);
  const length = lengthAs === 'be32' ? head.be32() : head.uvarint();
  const start = head.at;
  head.range(length);
  if (head.be32() !== crc32c(bytes, 0, start, start + length))
    throw malformed(`the checksum of the section at ${offset} is wrong`);
  return new DecodeBuffer(bytes, start, start + length);
}

export function malformed(why: string): Error {
  return blockErrors.make('malformed', `the block is not readable: ${why}`);
}
