/** The refs that carry one value: a number when there is one, as for most values of `pod` or `instance`. */
export type PostingList = number | Postings;

/** Lists up to this long stay plain arrays of exact length: a typed array costs some 200 bytes before its first item. */
const SMALL = 32;

/** A rising list of refs. */
export class Postings {
  #refs: readonly number[] | Uint32Array;
  #length: number;

  constructor(refs: readonly number[]) {
    this.#refs = refs.length <= SMALL ? refs : Uint32Array.from(refs);
    this.#length = refs.length;
  }

  get length(): number {
    return this.#length;
  }

  /** Refs only rise, so appending keeps the order. */
  add(ref: number): void {
    let refs = this.#refs;
    if (!(refs instanceof Uint32Array) && this.#length < SMALL) {
      this.#refs = [...refs, ref];
      this.#length++;
      return;
    }
    if (!(refs instanceof Uint32Array) || this.#length === refs.length) {
      const grown = new Uint32Array(Math.ceil(this.#length * 1.5));
      grown.set(refs);
      refs = grown;
      this.#refs = grown;
    }
    refs[this.#length++] = ref;
  }

  /** The refs in order; a view, valid until the next change. */
  view(): Uint32Array | readonly number[] {
    return this.#refs instanceof Uint32Array ? this.#refs.subarray(0, this.#length) : this.#refs;
  }
}

export function withRef(list: PostingList | undefined, ref: number): PostingList {
  if (list === undefined) return ref;
  if (typeof list === 'number') return new Postings([list, ref]);
  list.add(ref);
  return list;
}

export function viewOf(list: PostingList): Uint32Array | readonly number[] {
  return typeof list === 'number' ? [list] : list.view();
}

export function lengthOf(list: PostingList): number {
  return typeof list === 'number' ? 1 : list.length;
}

/** The refs after one, rising; a view, valid until the next change. */
export function tailOf(list: PostingList, ref: number): ArrayLike<number> {
  const refs = viewOf(list);
  let [low, high] = [0, refs.length];
  // What is asked for is mostly the very end, or nothing.
  if (high === 0 || refs[high - 1] <= ref) return NONE;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (refs[middle] > ref) high = middle;
    else low = middle + 1;
  }
  return refs instanceof Uint32Array ? refs.subarray(low) : refs.slice(low);
}

const NONE: readonly number[] = [];

/** Without the refs that the predicate refuses; undefined when none is left. */
export function retained(list: PostingList, keep: (ref: number) => boolean): PostingList | undefined {
  const kept: number[] = [];
  for (const ref of viewOf(list)) if (keep(ref)) kept.push(ref);
  if (kept.length <= 1) return kept[0];
  return new Postings(kept);
}

/** The union of lists that share no ref, rising. */
export function unionOf(lists: readonly PostingList[]): Uint32Array | readonly number[] {
  const [first] = lists;
  if (first === undefined) return [];
  if (lists.length === 1) return viewOf(first);
  const all = new Uint32Array(lists.reduce<number>((sum, list) => sum + lengthOf(list), 0));
  let at = 0;
  for (const list of lists) {
    if (typeof list === 'number') all[at++] = list;
    else {
      all.set(list.view(), at);
      at += list.length;
    }
  }
  return all.sort();
}
