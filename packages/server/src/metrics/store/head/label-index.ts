import { Labels as LabelSet, type Labels, type Matcher } from '@pharos/promql';
import { KeyTable } from './key-table.ts';
import { lengthOf, type PostingList, Postings, retained, unionOf, viewOf, withRef } from './postings.ts';

/** Gives the labels of a ref of this index. */
export type LabelsOf = (ref: number) => Labels | undefined;

type Values = Map<string, PostingList>;

/**
 * One tenant's inverted index: for every label name its distinct values, for every value the rising list of
 * refs that carry it. A query takes the smallest list its positive matchers give and checks the others on the
 * labels themselves.
 */
export class LabelIndex {
  readonly keys = new KeyTable();
  readonly #names = new Map<string, Values>();
  readonly #nameTexts = new Map<string, string>();
  #all: PostingList = new Postings([]);
  #removals = 0;
  #lastRef = 0;
  readonly #labelsOf: LabelsOf;

  constructor(labelsOf: LabelsOf) {
    this.#labelsOf = labelsOf;
  }

  get size(): number {
    return lengthOf(this.#all);
  }

  /** How often series were removed: what was matched before the last removal may name series that are gone. */
  get removals(): number {
    return this.#removals;
  }

  /** The newest ref that was added. */
  get lastRef(): number {
    return this.#lastRef;
  }

  /** Refs added after this one, rising. */
  refsAfter(ref: number): readonly number[] {
    const all = viewOf(this.#all);
    let from = all.length;
    while (from > 0 && all[from - 1] > ref) from--;
    return Array.from(all.slice(from));
  }

  /** The same label set made of strings that are shared with the series that already carry them. */
  intern(labels: Labels): Labels {
    const { pairs } = labels;
    const shared: string[] = [];
    for (let i = 0; i < pairs.length; i += 2) {
      const name = pairs[i] ?? '';
      const value = pairs[i + 1] ?? '';
      const list = this.#names.get(name)?.get(value);
      const bearer = list === undefined ? undefined : this.#labelsOf(viewOf(list)[0] ?? 0);
      const at = bearer === undefined ? -1 : indexOfName(bearer.pairs, name);
      shared.push(bearer?.pairs[at] ?? this.#nameText(name), bearer?.pairs[at + 1] ?? value);
    }
    // A literal copy has exactly the length it needs.
    return LabelSet.fromSortedPairs([...shared]);
  }

  add(ref: number, labels: Labels): void {
    this.#all = withRef(this.#all, ref);
    this.#lastRef = ref;
    const { pairs } = labels;
    for (let i = 0; i < pairs.length; i += 2) {
      const name = pairs[i] ?? '';
      const value = pairs[i + 1] ?? '';
      let values = this.#names.get(name);
      if (values === undefined) {
        values = new Map();
        this.#names.set(name, values);
        this.#nameTexts.set(name, name);
      }
      values.set(value, withRef(values.get(value), ref));
    }
  }

  /** Removes series in one sweep; only the lists they stand in are touched. */
  remove(gone: ReadonlyMap<number, Labels>): void {
    const keep = (ref: number): boolean => !gone.has(ref);
    this.#removals++;
    const touched = new Map<string, Set<string>>();
    for (const labels of gone.values()) {
      for (let i = 0; i < labels.pairs.length; i += 2) {
        const name = labels.pairs[i] ?? '';
        let values = touched.get(name);
        if (values === undefined) touched.set(name, (values = new Set()));
        values.add(labels.pairs[i + 1] ?? '');
      }
    }
    for (const [name, valueNames] of touched) {
      const values = this.#names.get(name);
      for (const value of valueNames) {
        const list = values?.get(value);
        if (values === undefined || list === undefined) continue;
        const left = retained(list, keep);
        if (left === undefined) values.delete(value);
        else values.set(value, left);
      }
      if (values?.size !== 0) continue;
      this.#names.delete(name);
      this.#nameTexts.delete(name);
    }
    this.#all = retained(this.#all, keep) ?? new Postings([]);
    this.keys.retain(keep);
  }

  /** Refs of all series that every matcher accepts, rising. */
  match(matchers: readonly Matcher[]): number[] {
    let base: Uint32Array | readonly number[] | null = null;
    let used: Matcher | null = null;
    for (const matcher of matchers) {
      const candidates = this.#candidates(matcher);
      if (candidates !== null && (base === null || candidates.length < base.length)) {
        base = candidates;
        used = matcher;
      }
      if (base?.length === 0) return [];
    }
    const rest = matchers.filter((matcher) => matcher !== used).map(memoised);
    const found: number[] = [];
    for (const ref of base ?? viewOf(this.#all)) {
      const labels = this.#labelsOf(ref);
      if (labels !== undefined && rest.every(({ name, accepts }) => accepts(labels.get(name))))
        found.push(ref);
    }
    return found;
  }

  names(): IterableIterator<string> {
    return this.#names.keys();
  }

  valuesOf(name: string): ReadonlyMap<string, PostingList> {
    return this.#names.get(name) ?? NO_VALUES;
  }

  /** Null when the matcher also accepts "no such label", which no list can show. */
  #candidates(matcher: Matcher): Uint32Array | readonly number[] | null {
    if (matcher.op !== '=' && matcher.op !== '=~') return null;
    if (matcher.matches('')) return null;
    const values = this.#names.get(matcher.name);
    if (values === undefined) return [];
    const lists: PostingList[] = [];
    if (matcher.literals === undefined) {
      for (const [value, postings] of values) if (matcher.matches(value)) lists.push(postings);
    } else {
      for (const value of new Set(matcher.literals)) {
        const postings = values.get(value);
        if (postings !== undefined) lists.push(postings);
      }
    }
    return unionOf(lists);
  }

  #nameText(name: string): string {
    return this.#nameTexts.get(name) ?? name;
  }
}

/** A value may read the same as the name that is looked for. */
function indexOfName(pairs: readonly string[], name: string): number {
  let at = 0;
  while (at < pairs.length && pairs[at] !== name) at += 2;
  return at;
}

const NO_VALUES: ReadonlyMap<string, PostingList> = new Map();

/** A pattern is tried once per distinct value, not once per series. */
function memoised(matcher: Matcher): { name: string; accepts: (value: string) => boolean } {
  if (matcher.op === '=' || matcher.op === '!=') return { name: matcher.name, accepts: matcher.matches };
  const seen = new Map<string, boolean>();
  const accepts = (value: string): boolean => {
    let verdict = seen.get(value);
    if (verdict === undefined) seen.set(value, (verdict = matcher.matches(value)));
    return verdict;
  };
  return { name: matcher.name, accepts };
}
