import type { Labels } from '@pharos/promql';
import { type SeriesPage, slotOf } from './series-pages.ts';

/** Gives the labels of a living series' ref. */
export type LabelsOf = (ref: number) => Labels | undefined;

/** Label sets kept for queries that come again, of some 300 bytes each. */
const MOST_KEPT = 250_000;

/**
 * The label sets of series as objects: made from the pages' numbers when somebody asks, and kept in the page, because who reads a
 * series usually reads it again. Series that nobody reads cost nothing.
 */
export class SeriesLabels {
  readonly #make: (page: SeriesPage, slot: number) => Labels;
  readonly #mostKept: number;
  /** The pages that keep some, those asked for first at the front. */
  readonly #keeping = new Set<SeriesPage>();
  #count = 0;

  constructor(make: (page: SeriesPage, slot: number) => Labels, mostKept = MOST_KEPT) {
    this.#make = make;
    this.#mostKept = mostKept;
  }

  of(ref: number, page: SeriesPage): Labels {
    const slot = slotOf(ref);
    const known = page.labels?.[slot];
    if (known !== undefined) return known;
    if (this.#count >= this.#mostKept) this.#dropOldest();
    const labels = this.#make(page, slot);
    page.labels ??= [];
    page.labels[slot] = labels;
    this.#keeping.add(page);
    this.#count++;
    return labels;
  }

  once(ref: number, page: SeriesPage): Labels {
    const slot = slotOf(ref);
    return page.labels?.[slot] ?? this.#make(page, slot);
  }

  /** After the series has left its page. */
  forget(ref: number, page: SeriesPage): void {
    const slot = slotOf(ref);
    if (page.labels?.[slot] !== undefined) {
      page.labels[slot] = undefined;
      this.#count--;
    }
    if (page.live === 0) this.#keeping.delete(page);
  }

  #dropOldest(): void {
    const [oldest] = this.#keeping;
    if (oldest === undefined) return;
    this.#keeping.delete(oldest);
    for (const labels of oldest.labels ?? []) if (labels !== undefined) this.#count--;
    oldest.labels = null;
  }
}
