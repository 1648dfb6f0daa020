/** Identities a generation holds before the next one begins. */
const GENERATION = 500_000;
const FIRST_SLOTS = 1024;

/** Open addressing over pairs of 32-bit words; the pair (0, 0) stands for nothing. */
export class WordPairs {
  count = 0;
  #slots: Uint32Array;

  /** @param expected pairs that fit before the table grows. */
  constructor(expected = 0) {
    let slots = FIRST_SLOTS;
    while (slots < expected * 2) slots *= 2;
    this.#slots = new Uint32Array(slots * 2);
  }

  has(low: number, high: number): boolean {
    const at = this.#find(this.#slots, low, high);
    return this.#slots[at] !== 0 || this.#slots[at + 1] !== 0;
  }

  add(low: number, high: number): void {
    if (this.count * 4 >= this.#slots.length) this.#grow();
    const at = this.#find(this.#slots, low, high);
    if (this.#slots[at] !== 0 || this.#slots[at + 1] !== 0) return;
    this.#slots[at] = low;
    this.#slots[at + 1] = high;
    this.count++;
  }

  get bytes(): number {
    return this.#slots.byteLength;
  }

  #find(slots: Uint32Array, low: number, high: number): number {
    const mask = slots.length / 2 - 1;
    for (let slot = (low ^ (high >>> 7)) & mask; ; slot = (slot + 1) & mask) {
      const at = slot * 2;
      if (slots[at] === low >>> 0 && slots[at + 1] === high >>> 0) return at;
      if (slots[at] === 0 && slots[at + 1] === 0) return at;
    }
  }

  #grow(): void {
    const old = this.#slots;
    const grown = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += 2) {
      if (old[at] === 0 && old[at + 1] === 0) continue;
      const to = this.#find(grown, old[at], old[at + 1]);
      grown[to] = old[at];
      grown[to + 1] = old[at + 1];
    }
    this.#slots = grown;
  }
}

/**
 * The 64-bit identities of the last half to one million rows, so that a sender's repeat is recognised. Two different rows are taken
 * for one with a chance of about 1 in 10^13.
 */
export class RecentIds {
  readonly #generation: number;
  #current = new WordPairs();
  #previous = new WordPairs();

  /** @param generation what is remembered for certain; twice as much at most. */
  constructor(generation = GENERATION) {
    this.#generation = generation;
  }

  get bytes(): number {
    return this.#current.bytes + this.#previous.bytes;
  }

  has(low: number, high: number): boolean {
    return this.#current.has(low, high) || this.#previous.has(low, high);
  }

  add(low: number, high: number): void {
    if (this.#current.count >= this.#generation) {
      this.#previous = this.#current;
      this.#current = new WordPairs();
    }
    this.#current.add(low, high);
  }
}
