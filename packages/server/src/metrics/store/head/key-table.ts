import type { SeriesKey } from '../series-key.ts';

/** Words per slot: ref, metric, low, high. Ref 0 is "empty", so refs start at 1. */
const WORDS = 4;

/** Open-addressing hash table from series key to ref, in one typed array: 16 bytes a slot, at most 2/3 full. */
export class KeyTable {
  #slots = new Uint32Array(64 * WORDS);
  #mask = 63;
  #count = 0;

  get size(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#slots.byteLength;
  }

  /** The ref of a key, or 0. */
  get(key: SeriesKey): number {
    const slots = this.#slots;
    for (let i = startOf(key.metric, key.low, this.#mask); ; i = (i + 1) & this.#mask) {
      const at = i * WORDS;
      const ref = slots[at];
      if (ref === 0) return 0;
      if (slots[at + 2] === key.low && slots[at + 3] === key.high && slots[at + 1] === key.metric) return ref;
    }
  }

  /** Adds a key that is not in the table. */
  add(key: SeriesKey, ref: number): void {
    if ((this.#count + 1) * 3 > (this.#mask + 1) * 2) this.#rebuild((this.#mask + 1) * 2, () => true);
    this.#insert(ref, key.metric, key.low, key.high);
  }

  /** Removes every entry whose ref the predicate refuses. */
  retain(keep: (ref: number) => boolean): void {
    this.#rebuild(this.#mask + 1, keep);
  }

  #insert(ref: number, metric: number, low: number, high: number): void {
    const slots = this.#slots;
    let i = startOf(metric, low, this.#mask);
    while (slots[i * WORDS] !== 0) i = (i + 1) & this.#mask;
    slots.set([ref, metric, low, high], i * WORDS);
    this.#count++;
  }

  #rebuild(capacity: number, keep: (ref: number) => boolean): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(capacity * WORDS);
    this.#mask = capacity - 1;
    this.#count = 0;
    for (let at = 0; at < old.length; at += WORDS) {
      const ref = old[at];
      if (ref !== 0 && keep(ref)) this.#insert(ref, old[at + 1], old[at + 2], old[at + 3]);
    }
  }
}

function startOf(metric: number, low: number, mask: number): number {
  return (low ^ Math.imul(metric, 0x9e3779b1)) & mask;
}
