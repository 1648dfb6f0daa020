import { Labels as LabelSet, type Labels, type Matcher } from '@pharos/promql';
import { KeyTable } from './key-table.ts';
import { Postings, unionOf } from './postings.ts';

/** Gives the labels of a ref of this index. */
export type LabelsOf = (ref: number) => Labels | undefined;

type Values = Map<string, Postings>;

/**
 * One tenant's inverted index: for every label name its distinct values, for every value the rising list of
 * refs that carry it. A query takes the smallest list its positive matchers give and checks the others on the
 * labels themselves.
 */
export class LabelIndex {
  readonly keys = new KeyTable();
  readonly #names = new Map<string, Values>();
  readonly #all = new Postings();
  readonly #symbols = new Map<string, string>();
  readonly #labelsOf: LabelsOf;

  constructor(labelsOf: LabelsOf) {
    this.#labelsOf = labelsOf;
  }

  get size(): number {
    return this.#all.length;
  }

  /** The same label set made of shared strings, to be kept with the series. */
  intern(labels: Labels): Labels {
    return LabelSet.fromSortedPairs(labels.pairs.map((text) => this.#symbol(text)));
  }

  add(ref: number, labels: Labels): void {
    this.#all.add(ref);
    const { pairs } = labels;
    for (let i = 0; i < pairs.length; i += 2) {
      const name = pairs[i] ?? '';
      const value = pairs[i + 1] ?? '';
      let values = this.#names.get(name);
      if (values === undefined) this.#names.set(name, (values = new Map()));
      let postings = values.get(value);
      if (postings === undefined) values.set(value, (postings = new Postings()));
      postings.add(ref);
    }
  }

  /** Removes series in one sweep; only the lists they stand in are touched. */
  remove(gone: ReadonlyMap<number, Labels>): void {
    const keep = (ref: number): boolean => !gone.has(ref);
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
        if (values?.get(value)?.retain(keep) !== 0) continue;
        values.delete(value);
        this.#symbols.delete(value);
      }
      if (values?.size === 0) this.#names.delete(name);
    }
    this.#all.retain(keep);
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
    for (const ref of base ?? this.#all.view()) {
      const labels = this.#labelsOf(ref);
      if (labels !== undefined && rest.every(({ name, accepts }) => accepts(labels.get(name))))
        found.push(ref);
    }
    return found;
  }

  names(): IterableIterator<string> {
    return this.#names.keys();
  }

  valuesOf(name: string): ReadonlyMap<string, Postings> {
    return this.#names.get(name) ?? NO_VALUES;
  }

  /** Null when the matcher also accepts "no such label", which no list can show. */
  #candidates(matcher: Matcher): Uint32Array | readonly number[] | null {
    if (matcher.op !== '=' && matcher.op !== '=~') return null;
    if (matcher.matches('')) return null;
    const values = this.#names.get(matcher.name);
    if (values === undefined) return [];
    const lists: Postings[] = [];
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

  #symbol(text: string): string {
    const known = this.#symbols.get(text);
    if (known !== undefined) return known;
    this.#symbols.set(text, text);
    return text;
  }
}

const NO_VALUES: ReadonlyMap<string, Postings> = new Map();

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
