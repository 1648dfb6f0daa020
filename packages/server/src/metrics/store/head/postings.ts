/** A rising list of refs. Small lists stay plain arrays: a typed array costs some 200 bytes before its first item. */
export class Postings {
  #small: number[] | null = [];
  #large: Uint32Array | null = null;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Refs only rise, so appending keeps the order. */
  add(ref: number): void {
    if (this.#small !== null) {
      this.#small.push(ref);
      this.#length++;
      if (this.#length > 32) {
        this.#large = new Uint32Array(64);
        this.#large.set(this.#small);
        this.#small = null;
      }
      return;
    }
    let large = this.#large ?? new Uint32Array(64);
    if (this.#length === large.length) {
      const grown = new Uint32Array(Math.ceil(large.length * 1.5));
      grown.set(large);
      large = grown;
    }
    large[this.#length++] = ref;
    this.#large = large;
  }

  /** The refs in order; a view, valid until the next change. */
  view(): Uint32Array | readonly number[] {
    if (this.#small !== null) return this.#small;
    return this.#large?.subarray(0, this.#length) ?? [];
  }

  /** Drops the refs that the predicate refuses; says how many are left. */
  retain(keep: (ref: number) => boolean): number {
    const kept: number[] = [];
    for (const ref of this.view()) if (keep(ref)) kept.push(ref);
    this.#length = kept.length;
    if (kept.length <= 32) {
      this.#small = kept;
      this.#large = null;
    } else {
      this.#small = null;
      this.#large = Uint32Array.from(kept);
    }
    return kept.length;
  }
}

/** The union of several rising lists, rising and without repeats. */
export function unionOf(lists: readonly Postings[]): Uint32Array | readonly number[] {
  const [first] = lists;
  if (first === undefined) return [];
  if (lists.length === 1) return first.view();
  let total = 0;
  for (const list of lists) total += list.length;
  const all = new Uint32Array(total);
  let at = 0;
  for (const list of lists) {
    all.set(list.view(), at);
    at += list.length;
  }
  all.sort();
  // One series has one value per label name, so lists of one name never share a ref.
  return all;
}
