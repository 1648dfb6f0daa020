const FIRST_CAPACITY = 1024;
/** Below this a loop is faster than the call that copies. */
const SHORT = 48;

/** Bytes that grow and are used again: what is between a decoder and a row. */
export class ByteBuffer {
  #bytes = Buffer.allocUnsafe(FIRST_CAPACITY);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What was written, a view that the next write may replace. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  /** Forgets what was written after `length`. */
  cut(length: number): void {
    this.#length = length;
  }

  uint8(value: number): void {
    const at = this.#room(1);
    this.#bytes[at] = value;
  }

  /** Unsigned LEB128. */
  varUint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.uint8((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.uint8(rest);
  }

  range(from: Uint8Array, start: number, end: number): void {
    const length = end - start;
    const at = this.#room(length);
    const bytes = this.#bytes;
    if (length > SHORT) bytes.set(from.subarray(start, end), at);
    else for (let i = 0; i < length; i++) bytes[at + i] = from[start + i];
  }

  /** A text as UTF-8 after its length. */
  string(text: string): void {
    const size = Buffer.byteLength(text);
    this.varUint(size);
    const at = this.#room(size);
    this.#bytes.write(text, at, size, 'utf8');
  }

  #room(bytes: number): number {
    const at = this.#length;
    const needed = at + bytes;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, at);
      this.#bytes = grown;
    }
    this.#length = needed;
    return at;
  }
}
