import { type JsonObject, type JudgedEvent, numberOf } from '../event.ts';
import type { BaselineBuffer } from './baseline.ts';
import type { History, KnownMembers, ShapeCount } from './history.ts';
import { Series } from './series.ts';
import { differenceOf } from './shape.ts';

/** Numeric fields of a source and type that have a history. */
const MOST_SERIES = 16;

/** Where a lesson's histories are. */
export interface HistoryBook {
  find(tenant: string, source: string, eventType: string): History | undefined;
  /** A new one that nobody else knows yet, beside so many others that are no more known; undefined when there are too many. */
  make(others: number): History | undefined;
  /** The history that is to learn; undefined when there are too many by now. */
  keep(tenant: string, source: string, eventType: string, own: History): History | undefined;
  turnAway(): void;
}

/**
 * What events that are stored together teach. They see each other at once; everybody else only when they are stored: an event that was
 * refused, and one that was there already, teaches nothing.
 */
export class Lesson {
  readonly #book: HistoryBook;
  readonly #tenant: string;
  readonly #drafts = new Map<string, Map<string, HistoryDraft | null>>();
  #made = 0;

  constructor(book: HistoryBook, tenant: string) {
    this.#book = book;
    this.#tenant = tenant;
  }

  /** Fills in what was known before the event, then adds it to what is to be learnt. */
  observe(event: JudgedEvent, now: number, into: BaselineBuffer): void {
    into.clear();
    const draft = this.#draftOf(event.source, event.eventType);
    if (draft === null) this.#book.turnAway();
    else draft.observe(event.data, now, into);
    into.end();
  }

  /** The events are stored. To be called once. */
  learn(): void {
    for (const [source, byType] of this.#drafts)
      for (const [eventType, draft] of byType) {
        if (draft === null) continue;
        const history = this.#book.keep(this.#tenant, source, eventType, draft.history);
        if (history !== undefined) draft.teach(history);
      }
  }

  #draftOf(source: string, eventType: string): HistoryDraft | null {
    let byType = this.#drafts.get(source);
    if (byType === undefined) this.#drafts.set(source, (byType = new Map<string, HistoryDraft | null>()));
    let draft = byType.get(eventType);
    if (draft === undefined) {
      draft = this.#newDraft(source, eventType);
      byType.set(eventType, draft);
    }
    return draft;
  }

  #newDraft(source: string, eventType: string): HistoryDraft | null {
    const known = this.#book.find(this.#tenant, source, eventType);
    if (known !== undefined) return new HistoryDraft(known);
    const made = this.#book.make(this.#made);
    if (made === undefined) return null;
    this.#made++;
    return new HistoryDraft(made);
  }
}

interface DraftCount {
  readonly of: ShapeCount;
  added: number;
}

interface DraftSeries {
  readonly series: Series;
  /** In order. */
  readonly values: number[];
}

/** A history with what a lesson adds to it. */
class HistoryDraft {
  readonly history: History;
  readonly #series = new Map<string, DraftSeries>();
  #newSeries = 0;
  readonly #counts = new Map<ShapeCount, DraftCount>();
  /** Those of them that no stored event had. */
  readonly #unseen: DraftCount[] = [];
  #usual: DraftCount | null;
  #events = 0;
  #lastAt = 0;
  /** The members of the last event, with their series, null for those without one so far, and their count. */
  #members: KnownMembers | null = null;
  #columns: (DraftSeries | null)[] = [];
  #count: DraftCount = { of: { shape: '', seen: 0 }, added: 0 };

  constructor(history: History) {
    this.history = history;
    this.#usual = history.usual === null ? null : this.#countOf(history.usual);
  }

  observe(data: JsonObject, now: number, into: BaselineBuffer): void {
    this.#lastAt = now;
    const members = this.history.membersOf(data);
    if (members !== this.#members) this.#turnTo(members);
    this.#observeShape(into);
    this.#observeValues(members, data, into);
  }

  /** Adds it all to a history, which may have learnt from others meanwhile. */
  teach(history: History): void {
    history.lastAt = this.#lastAt;
    for (const { of, added } of this.#counts.values()) if (added > 0) history.count(of.shape, added);
    for (const [name, { values }] of this.#series) {
      let series = history.series.get(name);
      if (series === undefined) {
        if (history.series.size >= MOST_SERIES) continue;
        history.series.set(name, (series = new Series()));
      }
      for (const value of values) series.add(value);
    }
  }

  #turnTo(members: KnownMembers): void {
    this.#members = members;
    this.#columns = members.measured.map((name) => this.#series.get(name) ?? null);
    this.#count = this.#countOf(members.count);
  }

  #countOf(of: ShapeCount): DraftCount {
    let count = this.#counts.get(of);
    if (count === undefined) {
      this.#counts.set(of, (count = { of, added: 0 }));
      if (of.seen === 0) this.#unseen.push(count);
    }
    return count;
  }

  #observeShape(into: BaselineBuffer): void {
    const { history } = this;
    const count = this.#count;
    const seen = seenOf(count);
    into.shape = count.of.shape;
    into.shapeEvents = history.events + this.#events;
    into.shapeSeen = seen;
    into.shapeKinds = history.kinds + this.#newKinds();
    if (seen === 0 && this.#usual !== null)
      into.shapeDiffers = differenceOf(this.#usual.of.shape, count.of.shape);
    count.added++;
    this.#events++;
    if (this.#usual === null || seen + 1 > seenOf(this.#usual)) this.#usual = count;
  }

  /** Shapes that no stored event has. */
  #newKinds(): number {
    let kinds = 0;
    for (let i = 0; i < this.#unseen.length; i++) {
      const count = this.#unseen[i];
      // Others may have stored one meanwhile.
      if (count !== undefined && count.of.seen === 0 && count.added > 0) kinds++;
    }
    return kinds;
  }

  #observeValues({ measured }: KnownMembers, data: JsonObject, into: BaselineBuffer): void {
    for (let at = 0; at < measured.length; at++) {
      const name = measured[at] ?? '';
      const value = numberOf(data[name]);
      if (value === undefined) continue;
      const column = (this.#columns[at] ??= this.#column(name));
      if (column === null) continue;
      into.add(name, value, column.series);
      column.series.add(value);
      column.values.push(value);
    }
  }

  #column(name: string): DraftSeries | null {
    const known = this.history.series.get(name);
    if (known === undefined && this.history.series.size + this.#newSeries >= MOST_SERIES) return null;
    if (known === undefined) this.#newSeries++;
    const { count, mean, variance, fast } = known ?? new Series();
    const column = { series: new Series().resume(count, mean, variance, fast), values: [] };
    this.#series.set(name, column);
    return column;
  }
}

function seenOf({ of, added }: DraftCount): number {
  return of.seen + added;
}
