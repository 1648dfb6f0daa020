import type { Labels } from './labels.ts';

/** Label sets up to which a list lasts: making one longer costs more than the next query would save. */
export const MOST_LASTING = 20_000;
/** Derived items over all lasting lists, a few hundred bytes each at most. */
const MOST_ITEMS = 150_000;
/** Answers of one derivation for one list; the oldest goes first. */
const MOST_PARAMETERS = 8;

let lastId = 0;
/** Lists with something derived, in order of their last use, with the number of items kept for each. */
const remembered = new Map<LabelList, number>();
let items = 0;

/**
 * The label sets of a vector, in an order of its own. A selection that stays the same gives the same list to every query,
 * and so do the operators that follow it: what a `Derivation` computes from a list is computed once.
 */
export class LabelList {
  readonly sets: readonly Labels[];
  /** Whether the list comes again, so that it pays to remember what was derived from it. */
  readonly lasting: boolean;
  /** Whether it is known that no two of the sets are equal. */
  readonly distinct: boolean;
  /** Tells lists apart. */
  readonly id = ++lastId;
  #memory: object = {};

  constructor(sets: readonly Labels[], lasting: boolean, distinct = false) {
    this.sets = sets;
    this.distinct = distinct;
    this.lasting = lasting && sets.length <= MOST_LASTING;
  }

  /** What derivations keep their answers under; another object once they were forgotten. */
  get memory(): object {
    return this.#memory;
  }

  /** Counts so many items as kept for this list, keeps it as one asked for lately, and makes room. */
  remember(more: number): void {
    if (!this.lasting) return;
    const held = (remembered.get(this) ?? 0) + more;
    remembered.delete(this);
    remembered.set(this, held);
    items += more;
    for (const [list, weight] of remembered) {
      if (items <= MOST_ITEMS || list === this) break;
      remembered.delete(list);
      items -= weight;
      list.#memory = {};
    }
  }
}

/** Something kept for a list of label sets and a parameter, while there is room. */
export class Remembered<P, T extends NonNullable<unknown> | null> {
  readonly #keyOf: (parameter: P) => string;
  readonly #kept = new WeakMap<object, Map<string, T>>();

  /** Parameters of equal keys stand for the same. */
  constructor(keyOf: (parameter: P) => string) {
    this.#keyOf = keyOf;
  }

  known(list: LabelList, parameter: P): T | undefined {
    const known = this.#kept.get(list.memory)?.get(this.#keyOf(parameter));
    if (known !== undefined) list.remember(0);
    return known;
  }

  keep(list: LabelList, parameter: P, made: T): T {
    list.remember(list.sets.length);
    // After making room, which may have emptied the memory.
    let kept = this.#kept.get(list.memory);
    if (kept === undefined) this.#kept.set(list.memory, (kept = new Map<string, T>()));
    const [oldest] = kept.keys();
    if (kept.size >= MOST_PARAMETERS && oldest !== undefined) {
      kept.delete(oldest);
      list.remember(-list.sets.length);
    }
    kept.set(this.#keyOf(parameter), made);
    return made;
  }
}

/** Something computed from the label sets of a list, and from a parameter, once while there is room to keep it. */
export class Derivation<P, T extends NonNullable<unknown> | null> {
  readonly #make: (list: LabelList, parameter: P) => T;
  readonly #kept: Remembered<P, T>;

  /** Parameters of equal keys must give equal answers. */
  constructor(make: (list: LabelList, parameter: P) => T, keyOf: (parameter: P) => string) {
    this.#make = make;
    this.#kept = new Remembered<P, T>(keyOf);
  }

  of(list: LabelList, parameter: P): T {
    return this.#kept.known(list, parameter) ?? this.#kept.keep(list, parameter, this.#make(list, parameter));
  }
}
