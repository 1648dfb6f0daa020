/** Bytes of one slab; small enough that a small installation frees memory in small steps. */
const SLAB_BYTES = 256 * 1024;

/** A block of memory that sealed chunks are appended to; freed as a whole. */
export class Slab {
  readonly id: number;
  readonly words: Int32Array;
  readonly longs: Uint32Array;
  readonly halves: Uint16Array;
  readonly bytes: Uint8Array;
  readonly singles: Float32Array;
  readonly floats: Float64Array;
  /** Next free position in 8-byte units. */
  used = 0;
  /** Newest sample in it, ms. */
  maxTimestamp = Number.NEGATIVE_INFINITY;
  /** Everything in it is durable in the engine once the journal has flushed this position. */
  position = 0;
  /** Where a timestamp column with this hash begins, so that the series of one scrape share it. */
  readonly sharedTimestamps = new Map<number, number>();

  constructor(id: number) {
    this.id = id;
    const buffer = new SharedArrayBuffer(SLAB_BYTES);
    this.words = new Int32Array(buffer);
    this.longs = new Uint32Array(buffer);
    this.halves = new Uint16Array(buffer);
    this.bytes = new Uint8Array(buffer);
    this.singles = new Float32Array(buffer);
    this.floats = new Float64Array(buffer);
  }

  get capacity(): number {
    return this.floats.length;
  }
}

/** Slabs in the order they were filled; only the oldest can be dropped, so an id below `first` is gone. */
export class Slabs {
  readonly #slabs: Slab[] = [new Slab(0)];
  #first = 0;

  get first(): number {
    return this.#first;
  }

  get bytes(): number {
    return this.#slabs.length * SLAB_BYTES;
  }

  get count(): number {
    return this.#slabs.length;
  }

  get(id: number): Slab | undefined {
    return this.#slabs[id - this.#first];
  }

  /** The slab to write to, with room for this many 8-byte units. */
  writable(units: number): Slab {
    const current = this.#slabs[this.#slabs.length - 1];
    if (current !== undefined && current.used + units <= current.capacity) return current;
    current?.sharedTimestamps.clear();
    const next = new Slab(this.#first + this.#slabs.length);
    this.#slabs.push(next);
    return next;
  }

  /** The oldest slab that is not being written to. */
  oldest(): Slab | undefined {
    return this.#slabs.length > 1 ? this.#slabs[0] : undefined;
  }

  dropOldest(): void {
    if (this.#slabs.length <= 1) return;
    this.#slabs.shift();
    this.#first++;
  }
}
