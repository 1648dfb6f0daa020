import { type Labels, type Matcher, METRIC_NAME } from '@pharos/promql';
import type { Head } from './head/head.ts';
import { lengthOf, viewOf } from './head/postings.ts';
import { slotOf } from './head/series-pages.ts';

/** One tenant's active series as the head's index knows them. Everything here is a look at living memory: nothing is copied. */
export class ActiveSeries {
  readonly #head: Head;
  readonly #tenant: string;

  constructor(head: Head, tenant: string) {
    this.#head = head;
    this.#tenant = tenant;
  }

  get size(): number {
    return this.#head.seriesOf(this.#tenant);
  }

  labelNames(): Iterable<string> {
    return this.#head.indexOf(this.#tenant)?.names() ?? [];
  }

  /** How many distinct values a label has. */
  valueCount(label: string): number {
    return this.#head.indexOf(this.#tenant)?.valuesOf(label).size ?? 0;
  }

  /** Every value of a label with the number of series that carry it. Stays valid while series come and go. */
  *values(label: string): Generator<readonly [value: string, series: number]> {
    for (const [value, postings] of this.#head.indexOf(this.#tenant)?.valuesOf(label) ?? [])
      yield [value, lengthOf(postings)];
  }

  /** The refs of the series that carry the value; good until the next pause. */
  refs(label: string, value: string): ArrayLike<number> {
    const postings = this.#head.indexOf(this.#tenant)?.valuesOf(label).get(value);
    return postings === undefined ? [] : viewOf(postings);
  }

  match(matchers: readonly Matcher[]): readonly number[] {
    return this.#head.indexOf(this.#tenant)?.match(matchers) ?? [];
  }

  /** Whether a metric may have samples after a time (ms), here or in the engine; false is certain. */
  mayHold(metric: string, since: number): boolean {
    const metrics = this.#head.indexOf(this.#tenant)?.valuesOf(METRIC_NAME);
    return this.#head.floor > since || metrics?.get(metric) !== undefined;
  }

  /** Undefined when the series has left the head. */
  labelsOf(ref: number): Labels | undefined {
    return this.#head.labelsOf(ref);
  }

  /** Times (ms) of the oldest and the newest sample the head ever held of a series; null when it has gone. */
  span(ref: number): { readonly first: number; readonly last: number } | null {
    const page = this.#head.pageOf(ref);
    if (page === undefined) return null;
    const slot = slotOf(ref);
    return { first: page.firstTimestamp[slot], last: page.lastTimestamp[slot] };
  }
}
