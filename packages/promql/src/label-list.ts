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
  /** Tells lists apart. */
  readonly id = ++lastId;
  #memory: object = {};

  constructor(sets: readonly Labels[], lasting: boolean) {
    this.sets = sets;
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

/** Something computed from the label sets of a list, and from a parameter, once while there is room to keep it. */
export class Derivation<P, T extends NonNullable<unknown> | null> {
  readonly #make: (list: LabelList, parameter: P) => T;
  readonly #keyOf: (parameter: P) => string;
  readonly #kept = new WeakMap<object, Map<string, T>>();

  /** Parameters of equal keys must give equal answers. */
  constructor(make: (list: LabelList, parameter: P) => T, keyOf: (parameter: P) => string) {
    this.#make = make;
    this.#keyOf = keyOf;
  }

  of(list: LabelList, parameter: P): T {
    const key = this.#keyOf(parameter);
    let kept = this.#kept.get(list.memory);
    const known = kept?.get(key);
    if (known !== undefined) {
      list.remember(0);
      return known;
    }
    const made = this.#make(list, parameter);
    list.remember(list.sets.length);
    // Looked up again: making room may have emptied the memory.
    kept = this.#kept.get(list.memory);
    if (kept === undefined) this.#kept.set(list.memory, (kept = new Map<string, T>()));
    const [oldest] = kept.keys();
    if (kept.size >= MOST_PARAMETERS && oldest !== undefined) {
      kept.delete(oldest);
      list.remember(-list.sets.length);
    }
    kept.set(key, made);
    return made;
  }
}
