/** Bytes of protobuf under construction, in memory that is used again. */
export class ProtobufWriter {
  #bytes = Buffer.alloc(1 << 20);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
  }

  /** No Buffer, whose slices are no copies. */
  view(): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#length);
  }

  varint(value: number): void {
    this.#room(10);
    let left = value;
    while (left >= 128) {
      this.#bytes[this.#length++] = (left % 128) | 128;
      left = Math.floor(left / 128);
    }
    this.#bytes[this.#length++] = left;
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A length-delimited field. */
  field(number: number, bytes: Uint8Array): void {
    this.varint((number << 3) | 2);
    this.varint(bytes.length);
    this.raw(bytes);
  }

  text(number: number, text: string): void {
    const bytes = Buffer.byteLength(text);
    this.varint((number << 3) | 2);
    this.varint(bytes);
    this.#room(bytes);
    this.#length += this.#bytes.write(text, this.#length);
  }

  number(number: number, value: number): void {
    this.varint(number << 3);
    this.varint(value);
  }

  double(number: number, value: number): void {
    this.varint((number << 3) | 1);
    this.#room(8);
    this.#bytes.writeDoubleLE(value, this.#length);
    this.#length += 8;
  }

  fixed64(number: number, value: bigint): void {
    this.varint((number << 3) | 1);
    this.#room(8);
    this.#bytes.writeBigUInt64LE(value, this.#length);
    this.#length += 8;
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = Buffer.alloc((this.#bytes.length + more) * 2);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
