import type { Labels, Matcher } from '@pharos/promql';
import { LabelPairs, type LabelValues } from './label-pairs.ts';
import {
  lengthOf,
  type PostingList,
  Postings,
  retained,
  tailOf,
  unionOf,
  viewOf,
  withRef,
} from './postings.ts';
import { RefTable } from './ref-table.ts';
import { type SeriesPage, type SeriesPages, slotOf } from './series-pages.ts';

/** Whether a series' label pairs pass. */
type PairTest = (page: SeriesPage, slot: number) => boolean;

/**
 * One tenant's inverted index: for every label name its distinct values, for every value the rising list of
 * refs that carry it. A query takes the smallest list its positive matchers give and checks the others on the
 * label pairs of each series.
 */
export class LabelIndex {
  readonly keys: RefTable;
  readonly #pages: SeriesPages;
  readonly #pairs = new LabelPairs();
  #all: PostingList = new Postings([]);
  #removals = 0;
  #lastRef = 0;

  constructor(pages: SeriesPages) {
    this.#pages = pages;
    this.keys = new RefTable(pages);
  }

  get size(): number {
    return lengthOf(this.#all);
  }

  /** What its label names and values take, about. */
  get labelBytes(): number {
    return this.#pairs.bytes;
  }

  /** How often series were removed: what was matched before the last removal may name series that are gone. */
  get removals(): number {
    return this.#removals;
  }

  /** The newest ref that was added. */
  get lastRef(): number {
    return this.#lastRef;
  }

  /** The labels as numbers of their pairs, for the page of a new series: `add` must follow. */
  pairsOf(labels: Labels): readonly number[] {
    return this.#pairs.numbersOf(labels);
  }

  add(ref: number, pairs: readonly number[]): void {
    this.#all = withRef(this.#all, ref);
    this.#lastRef = ref;
    this.keys.add(ref);
    this.#pairs.add(ref, pairs);
  }

  /** The label set of a series, made anew. */
  labelsAt(page: SeriesPage, slot: number): Labels {
    return this.#pairs.labelsOf(page.pairs, page.pairsFrom[slot], page.pairsFrom[slot + 1]);
  }

  /** Removes series, which their pages still know, in one sweep; only the lists they stand in are touched. */
  remove(gone: ReadonlySet<number>): void {
    const keep = (ref: number): boolean => !gone.has(ref);
    this.#removals++;
    const touched = new Set<number>();
    for (const ref of gone) {
      const page = this.#pages.pageOf(ref);
      if (page === undefined) continue;
      const slot = slotOf(ref);
      for (let i = page.pairsFrom[slot]; i < page.pairsFrom[slot + 1]; i++) touched.add(page.pairs[i]);
    }
    this.#pairs.retain(touched, keep);
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
    const rest = matchers.filter((matcher) => matcher !== used);
    return this.#matching(base ?? viewOf(this.#all), rest);
  }

  /**
   * Refs of series added after this one that every matcher accepts, rising. Where a matcher names its values, only their newest series are
   * looked at: thousands of selections are kept, and mostly nothing of what is new is theirs.
   */
  matchAfter(ref: number, matchers: readonly Matcher[]): number[] {
    let base = tailOf(this.#all, ref);
    let used: Matcher | null = null;
    for (const matcher of matchers) {
      if (base.length === 0) return [];
      const newer = this.#newerOf(matcher, ref);
      if (newer === null || newer.length >= base.length) continue;
      base = newer;
      used = matcher;
    }
    const rest = matchers.filter((matcher) => matcher !== used);
    return this.#matching(base, rest);
  }

  /** Null where the matcher does not name its values. */
  #newerOf(matcher: Matcher, ref: number): ArrayLike<number> | null {
    if (matcher.literals === undefined || matcher.matches('')) return null;
    const tails: ArrayLike<number>[] = [];
    for (const value of new Set(matcher.literals)) {
      const pair = this.#pairs.find(matcher.name, value);
      const tail = pair === undefined ? [] : tailOf(this.#pairs.refsOf(pair), ref);
      if (tail.length > 0) tails.push(tail);
    }
    const [first = []] = tails;
    return tails.length <= 1 ? first : Uint32Array.from(tails.flatMap((tail) => Array.from(tail))).sort();
  }

  /** Those of the refs that every matcher accepts, in their order. */
  #matching(refs: ArrayLike<number>, matchers: readonly Matcher[]): number[] {
    const tests = matchers.map((matcher) => this.#testOf(matcher));
    const found: number[] = [];
    for (let i = 0; i < refs.length; i++) {
      const ref = refs[i];
      const page = this.#pages.pageOf(ref);
      if (page === undefined) continue;
      const slot = slotOf(ref);
      if (tests.every((test) => test(page, slot))) found.push(ref);
    }
    return found;
  }

  names(): IterableIterator<string> {
    return this.#pairs.names();
  }

  valuesOf(name: string): LabelValues {
    return this.#pairs.valuesOf(name);
  }

  /** Null when the matcher also accepts "no such label", which no list can show. */
  #candidates(matcher: Matcher): Uint32Array | readonly number[] | null {
    if (matcher.op !== '=' && matcher.op !== '=~') return null;
    if (matcher.matches('')) return null;
    const named = this.#pairs.named(matcher.name);
    if (named === undefined) return [];
    const lists: PostingList[] = [];
    if (matcher.literals === undefined) {
      for (const [value, pair] of named.numbers)
        if (matcher.matches(value)) lists.push(this.#pairs.refsOf(pair));
    } else {
      for (const value of new Set(matcher.literals)) {
        const pair = named.numbers.get(value);
        if (pair !== undefined) lists.push(this.#pairs.refsOf(pair));
      }
    }
    return unionOf(lists);
  }

  /** A pattern is tried once per distinct value, not once per series. */
  #testOf(matcher: Matcher): PairTest {
    const { op, name, value } = matcher;
    const without = matcher.matches('');
    const named = this.#pairs.named(name);
    if (named === undefined) return () => without;
    if (value !== '' && (op === '=' || op === '!=')) {
      const wanted = this.#pairs.find(name, value);
      const whenFound = op === '=';
      if (wanted === undefined) return () => !whenFound;
      return (page, slot) => carries(page, slot, wanted) === whenFound;
    }
    const seen = new Map<number, boolean>();
    return (page, slot) => {
      for (let i = page.pairsFrom[slot]; i < page.pairsFrom[slot + 1]; i++) {
        const pair = page.pairs[i];
        if (this.#pairs.nameOf(pair) !== named) continue;
        let verdict = seen.get(pair);
        if (verdict === undefined) seen.set(pair, (verdict = matcher.matches(this.#pairs.valueOf(pair))));
        return verdict;
      }
      return without;
    };
  }
}

function carries(page: SeriesPage, slot: number, pair: number): boolean {
  for (let i = page.pairsFrom[slot]; i < page.pairsFrom[slot + 1]; i++)
    if (page.pairs[i] === pair) return true;
  return false;
}
