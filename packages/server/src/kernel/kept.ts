/**
 * What was read and never changes, so that it need not be read again: as much as fits some bytes, of which the least recently used is
 * forgotten first.
 */
export class Kept<Value> {
  readonly #most: number;
  readonly #bytesOf: (value: Value) => number;
  /** The least recently used first. */
  readonly #values = new Map<string, Value>();
  #bytes = 0;

  /** @param bytesOf about what a value takes; its key comes on top. */
  constructor(most: number, bytesOf: (value: Value) => number) {
    this.#most = most;
    this.#bytesOf = bytesOf;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: string): Value | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  set(key: string, value: Value): void {
    this.#forget(key);
    this.#values.set(key, value);
    this.#bytes += this.#sizeOf(key, value);
    for (const oldest of this.#values.keys()) {
      if (this.#bytes <= this.#most) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    const value = this.#values.get(key);
    if (value === undefined) return;
    this.#values.delete(key);
    this.#bytes -= this.#sizeOf(key, value);
  }

  #sizeOf(key: string, value: Value): number {
    return ENTRY_BYTES + key.length + this.#bytesOf(value);
  }
}

/** What an entry of a map takes beside its key and value. */
const ENTRY_BYTES = 100;
