import { compareLabels, Labels, type Matcher, METRIC_NAME, type SeriesSet } from '@pharos/promql';
import { LRUCache } from 'lru-cache';
import type { LabelIndex } from './label-index.ts';
import type { LabelsOf } from './series-labels.ts';
import { type SeriesPages, slotOf } from './series-pages.ts';

/** Labels that go away with a metric's name: where series carry them, telling label sets apart takes more than the hash. */
const METRIC_TRAITS = ['__type__', '__unit__'] as const;

/** The refs that some matchers select, rising, for as long as no series joins or leaves them. */
export class Selection implements SeriesSet {
  /** Rising. */
  readonly refs: Uint32Array;
  /** The same refs, a short selection's in the order of their labels: that of most answers. */
  readonly ordered: Uint32Array;
  readonly #labelsOf: LabelsOf;
  readonly #areDistinct: (refs: Uint32Array) => boolean;
  #distinct: boolean | undefined;

  constructor(refs: Uint32Array, labelsOf: LabelsOf, areDistinct: (refs: Uint32Array) => boolean) {
    this.refs = refs;
    this.ordered = refs.length > MOST_ORDERED ? refs : inLabelOrder(refs, labelsOf);
    this.#labelsOf = labelsOf;
    this.#areDistinct = areDistinct;
  }

  get count(): number {
    return this.refs.length;
  }

  get distinctNameless(): boolean {
    this.#distinct ??= this.#areDistinct(this.refs);
    return this.#distinct;
  }

  labelsAt(index: number): Labels {
    return this.#labelsOf(this.ordered[index]) ?? Labels.EMPTY;
  }
}

/** Sorting more than these would cost the first query more than the later ones save. */
const MOST_ORDERED = 5_000;

function inLabelOrder(refs: Uint32Array, labelsOf: LabelsOf): Uint32Array {
  const of = (ref: number): Labels => labelsOf(ref) ?? Labels.EMPTY;
  return refs.slice().sort((a, b) => compareLabels(of(a), of(b)));
}

interface Kept {
  readonly selection: Selection;
  readonly matchers: readonly Matcher[];
  /** Up to which ref the index had been looked through, and how many removals it had seen. */
  readonly lastRef: number;
  readonly removals: number;
}

/** Refs of all kept selections together: a query costs its matching once, at 4 bytes a ref. */
const KEPT_REFS = 500_000;

/**
 * What matchers selected, kept until a series that they select comes or any goes. New series are only looked at by
 * themselves, so a dashboard's selections survive churn elsewhere.
 */
export class Selections {
  readonly #index: LabelIndex;
  readonly #pages: SeriesPages;
  readonly #labelsOf: LabelsOf;
  readonly #kept = new LRUCache<string, Kept>({
    maxSize: KEPT_REFS,
    sizeCalculation: ({ selection }) => selection.count + 16,
  });

  constructor(index: LabelIndex, pages: SeriesPages, labelsOf: LabelsOf) {
    this.#index = index;
    this.#pages = pages;
    this.#labelsOf = labelsOf;
  }

  of(matchers: readonly Matcher[]): Selection {
    const key = matchers
      .map(({ name, op, value }) => `${name.length}:${name}${op}${value.length}:${value}`)
      .join();
    const kept = this.#kept.get(key);
    const { removals, lastRef } = this.#index;
    if (kept?.removals === removals && kept.lastRef === lastRef) return kept.selection;
    const selection =
      kept?.removals === removals
        ? this.#extended(kept)
        : this.#selectionOf(Uint32Array.from(this.#index.match(matchers)), matchers);
    // One larger than the cache is simply not kept.
    this.#kept.set(key, { selection, matchers, lastRef, removals });
    return selection;
  }

  #extended({ selection, matchers, lastRef }: Kept): Selection {
    const more = this.#index.matchAfter(lastRef, matchers);
    if (more.length === 0) return selection;
    const refs = new Uint32Array(selection.count + more.length);
    refs.set(selection.refs);
    refs.set(more, selection.count);
    return this.#selectionOf(refs, matchers);
  }

  #selectionOf(refs: Uint32Array, matchers: readonly Matcher[]): Selection {
    const pinned = matchers.some(({ name, op }) => name === METRIC_NAME && op === '=');
    const areDistinct = (own: Uint32Array): boolean =>
      METRIC_TRAITS.every((name) => this.#index.valuesOf(name).size === 0) &&
      (pinned || this.#haveDistinctHashes(own));
    return new Selection(refs, this.#labelsOf, areDistinct);
  }

  /** By the stored hash of the labels without the name: equal label sets have equal hashes, never the other way round. */
  #haveDistinctHashes(refs: Uint32Array): boolean {
    const mask = 2 ** Math.ceil(Math.log2(refs.length * 2 + 2)) - 1;
    const slots = new Uint32Array((mask + 1) * 2);
    const used = new Uint8Array(mask + 1);
    for (const ref of refs) {
      const page = this.#pages.pageOf(ref);
      if (page === undefined) continue;
      const slot = slotOf(ref);
      const [low, high] = [page.low[slot], page.high[slot]];
      let at = low & mask;
      while (used[at] === 1) {
        if (slots[at * 2] === low && slots[at * 2 + 1] === high) return false;
        at = (at + 1) & mask;
      }
      used[at] = 1;
      slots[at * 2] = low;
      slots[at * 2 + 1] = high;
    }
    return true;
  }
}
