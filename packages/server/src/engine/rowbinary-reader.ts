const TWO_32 = 0x1_0000_0000;

/** Reads back rows that {@link RowBinaryWriter} wrote, column by column in the same order. */
export class RowBinaryReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(payload: Uint8Array) {
    this.#bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  }

  /** Where the next value begins. */
  get at(): number {
    return this.#at;
  }

  varUint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  string(): string {
    const size = this.varUint();
    this.#at += size;
    return this.#bytes.toString('utf8', this.#at - size, this.#at);
  }

  uint32(): number {
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  float64(): number {
    this.#at += 8;
    return this.#bytes.readDoubleLE(this.#at - 8);
  }

  /** So many bytes as they are: a view that lives as long as the payload. */
  raw(size: number): Uint8Array {
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }

  /** A DateTime64(3) as milliseconds since the Unix epoch. */
  dateTime64(): number {
    return this.int64();
  }

  /** An Int64 of at most 53 bits. */
  int64(): number {
    const at = this.#at;
    this.#at += 8;
    return this.#bytes.readInt32LE(at + 4) * TWO_32 + this.#bytes.readUInt32LE(at);
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }

  skipString(): void {
    this.skip(this.varUint());
  }
}
