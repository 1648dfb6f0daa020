import type { Frame } from '../../journal/index.ts';
import type { SeriesRef } from '../sink.ts';
import type { Head } from './head/head.ts';
import { type SeriesPage, slotOf } from './head/series-pages.ts';
import { DAY_MS, dayOf, SeriesRows } from './rows.ts';

/** Next day's rows are spread over this long before midnight, so that midnight brings no storm. */
const SPREAD_MS = 3_600_000;
const REMEMBERED = 500_000;
/** A frame must fit one insert with room to spare. */
const BYTES_PER_FRAME = 4 * 1024 * 1024;

export interface KnownSeries {
  readonly ref: SeriesRef;
  readonly day: number;
}

/**
 * For which days a series' row is durable. The days in a row up to the newest one stand in the page; other days
 * (backfill) in a bounded set: forgetting one only costs a repeated row.
 */
export class KnownDays {
  readonly #head: Head;
  #others = new Set<string>();

  constructor(head: Head) {
    this.#head = head;
  }

  set(ref: SeriesRef, day: number): void {
    const page = this.#head.pageOf(ref);
    if (page === undefined) return;
    const slot = slotOf(ref);
    const from = page.knownFrom[slot];
    const to = page.knownTo[slot];
    if (to < 0 || day > to + 1) {
      page.knownFrom[slot] = day;
      page.knownTo[slot] = day;
    } else if (day === to + 1) page.knownTo[slot] = day;
    else if (day === from - 1) page.knownFrom[slot] = day;
    else if (day < from) {
      if (this.#others.size >= REMEMBERED) this.#others = new Set();
      this.#others.add(`${ref}:${day}`);
    }
  }

  /** The days whose row must be written along with a sample of `day`: none, the day, or (before midnight) the next. */
  missing(ref: SeriesRef, page: SeriesPage, day: number, now: number): number {
    const slot = slotOf(ref);
    const to = page.knownTo[slot];
    if (day === to) return this.#dueTomorrow(page, slot, day, now) ? day + 1 : NONE;
    if (day < to && day >= page.knownFrom[slot]) return NONE;
    return this.#others.has(`${ref}:${day}`) ? NONE : day;
  }

  /** Whether a series whose row of the day is there may miss the next day's already. */
  spreads(day: number, now: number): boolean {
    return (day + 1) * DAY_MS - now <= SPREAD_MS && dayOf(now) === day;
  }

  #dueTomorrow(page: SeriesPage, slot: number, day: number, now: number): boolean {
    return this.spreads(day, now) && page.low[slot] % SPREAD_MS >= (day + 1) * DAY_MS - now;
  }
}

/** No day is missing. */
export const NONE = -1;

/** The series rows that one request must write, each (series, day) once. */
export class SeriesToWrite {
  readonly list: KnownSeries[] = [];
  readonly #days = new Map<number, Set<SeriesRef>>();

  add(ref: SeriesRef, day: number): void {
    let refs = this.#days.get(day);
    if (refs === undefined) this.#days.set(day, (refs = new Set()));
    if (refs.has(ref)) return;
    refs.add(ref);
    this.list.push({ ref, day });
  }

  frames(tenant: string, head: Head): Frame[] {
    const frames: Frame[] = [];
    for (const [day, refs] of this.#days) {
      const rows = new SeriesRows(tenant, day);
      for (const ref of refs) {
        const page = head.pageOf(ref);
        const labels = head.labelsOnce(ref);
        if (page !== undefined && labels !== undefined) rows.add(page.keyAt(slotOf(ref)), labels);
        if (rows.size > BYTES_PER_FRAME) frames.push(rows.frame());
      }
      if (rows.size > 0) frames.push(rows.frame());
    }
    return frames;
  }
}
