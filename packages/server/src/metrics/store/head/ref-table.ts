import type { SeriesKey } from '../series-key.ts';
import { type SeriesPages, slotOf } from './series-pages.ts';

const EMPTY = 0;

/**
 * Open-addressing hash table from series key to ref. The keys stand in the pages, so a slot is 4 bytes; at most 3/4 of them are
 * full.
 */
export class RefTable {
  readonly #pages: SeriesPages;
  #slots = new Uint32Array(64);
  #mask = 63;
  #count = 0;

  constructor(pages: SeriesPages) {
    this.#pages = pages;
  }

  get bytes(): number {
    return this.#slots.byteLength;
  }

  /** The ref of a key, or 0. */
  get(key: SeriesKey): number {
    const slots = this.#slots;
    for (let i = startOf(key.metric, key.low, this.#mask); ; i = (i + 1) & this.#mask) {
      const ref = slots[i];
      if (ref === EMPTY || this.#is(ref, key)) return ref;
    }
  }

  /** Adds a ref, which the pages know, and whose key is not in the table. */
  add(ref: number): void {
    if ((this.#count + 1) * 4 > (this.#mask + 1) * 3) this.#rebuild((this.#mask + 1) * 2, () => true);
    this.#insert(ref);
  }

  /** Removes every ref that the predicate refuses; the pages must still know those that stay. */
  retain(keep: (ref: number) => boolean): void {
    this.#rebuild(this.#mask + 1, keep);
  }

  #is(ref: number, key: SeriesKey): boolean {
    const page = this.#pages.pageOf(ref);
    if (page === undefined) return false;
    const slot = slotOf(ref);
    return page.low[slot] === key.low && page.high[slot] === key.high && page.metric[slot] === key.metric;
  }

  #insert(ref: number): void {
    const page = this.#pages.pageOf(ref);
    if (page === undefined) return;
    const slot = slotOf(ref);
    const slots = this.#slots;
    let i = startOf(page.metric[slot], page.low[slot], this.#mask);
    while (slots[i] !== EMPTY) i = (i + 1) & this.#mask;
    slots[i] = ref;
    this.#count++;
  }

  #rebuild(capacity: number, keep: (ref: number) => boolean): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(capacity);
    this.#mask = capacity - 1;
    this.#count = 0;
    for (const ref of old) if (ref !== EMPTY && keep(ref)) this.#insert(ref);
  }
}

function startOf(metric: number, low: number, mask: number): number {
  return (low ^ Math.imul(metric, 0x9e3779b1)) & mask;
}
