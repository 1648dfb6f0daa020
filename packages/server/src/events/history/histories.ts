import { type JsonObject, type JudgedEvent, numberOf } from '../event.ts';
import type { BaselineBuffer } from './baseline.ts';
import { Series } from './series.ts';
import { differenceOf, MemberKinds, rawShape, shapeOf } from './shape.ts';

/** Numeric fields of a source and type that have a history. */
const MOST_SERIES = 16;
/** Orders of members of a source and type that are known apart; beyond, its shape says nothing. */
const MOST_RAW_SHAPES = 64;

interface ShapeCount {
  readonly shape: string;
  seen: number;
}

/** What is known of one source's events of one type. */
interface History {
  readonly series: Map<string, Series>;
  readonly byRaw: Map<string, ShapeCount>;
  /** The members of the last event, which the next one mostly has too: comparing them costs less than naming them. */
  last: { readonly members: MemberKinds; readonly known: ShapeCount } | null;
  readonly shapes: Map<string, ShapeCount>;
  usual: ShapeCount | null;
  events: number;
  lastAt: number;
}

const NAMES_NOT_MEASURED =
  /(?:^|_)(?:id|code|port|pid|timestamp|ts|at|version|year|month|day|index|offset|seq|sequence|line|zip|phone)$|^(?:status|time|date)$/i;

const LONGEST_NAME = 100;
const MOST_NAMES = 10_000;

/** Which fields are measured: numbers whose names do not say that they only name something. */
class MeasuredNames {
  readonly #known = new Map<string, boolean>();

  has(name: string): boolean {
    let known = this.#known.get(name);
    if (known === undefined) {
      known = name.length <= LONGEST_NAME && !NAMES_NOT_MEASURED.test(name);
      if (this.#known.size < MOST_NAMES) this.#known.set(name, known);
    }
    return known;
  }
}

const IDLE_MS = 7 * 86_400_000;

/** The histories of all sources in memory, bounded in number: a source beyond has none, and no anomalies. */
export class Histories {
  readonly #most: number;
  readonly #all = new Map<string, History>();
  readonly #measured = new MeasuredNames();
  #turnedAway = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Events that had no history because there are too many sources and types. */
  get turnedAway(): number {
    return this.#turnedAway;
  }

  /** Fills in what was known before the event, then learns from it. */
  observe(tenant: string, event: JudgedEvent, now: number, into: BaselineBuffer): void {
    into.clear();
    const history = this.#of(tenant, event.source, event.eventType);
    if (history === undefined) {
      this.#turnedAway++;
      into.end();
      return;
    }
    history.lastAt = now;
    observeShape(history, event.data, into);
    observeValues(history, event.data, this.#measured, into);
    into.end();
  }

  /** The figures of a field before its last value, and that value, as they were stored. */
  resume(key: HistoryKey, figures: SeriesFigures, now: number): void {
    const history = this.#of(key.tenant, key.source, key.eventType);
    if (history === undefined) return;
    history.lastAt = now;
    const { name, value, count, mean, variance, fast } = figures;
    const series = new Series().resume(count, mean, variance, fast);
    series.add(value);
    history.series.set(name, series);
  }

  /** Events of a shape that were seen before. */
  resumeShape(key: HistoryKey, shape: string, seen: number, now: number): void {
    const history = this.#of(key.tenant, key.source, key.eventType);
    if (history === undefined) return;
    history.lastAt = now;
    const known = history.shapes.get(shape) ?? { shape, seen: 0 };
    known.seen += seen;
    history.events += seen;
    history.shapes.set(shape, known);
    if (known.seen > (history.usual?.seen ?? 0)) history.usual = known;
  }

  /** Forgets sources that were silent for a week. */
  collect(now: number): void {
    for (const [key, { lastAt }] of this.#all) if (now - lastAt > IDLE_MS) this.#all.delete(key);
  }

  #of(tenant: string, source: string, eventType: string): History | undefined {
    const key = `${tenant}\n${source}\n${eventType}`;
    let history = this.#all.get(key);
    if (history === undefined && this.#all.size < this.#most) {
      history = {
        series: new Map(),
        byRaw: new Map(),
        last: null,
        shapes: new Map(),
        usual: null,
        events: 0,
        lastAt: 0,
      };
      this.#all.set(key, history);
    }
    return history;
  }
}

export interface HistoryKey {
  readonly tenant: string;
  readonly source: string;
  readonly eventType: string;
}

export interface SeriesFigures {
  readonly name: string;
  readonly value: number;
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
  readonly fast: number;
}

function observeShape(history: History, data: JsonObject, into: BaselineBuffer): void {
  const known = shapeCountOf(history, data);
  into.shape = known.shape;
  into.shapeEvents = history.events;
  into.shapeSeen = known.seen;
  into.shapeKinds = history.shapes.size;
  if (known.seen === 0 && history.usual !== null)
    into.shapeDiffers = differenceOf(history.usual.shape, known.shape);
  known.seen++;
  history.events++;
  if (known.seen > (history.usual?.seen ?? 0)) history.usual = known;
}

function shapeCountOf(history: History, data: JsonObject): ShapeCount {
  if (history.last?.members.equal(data) === true) return history.last.known;
  const raw = rawShape(data);
  let known = history.byRaw.get(raw);
  if (known === undefined) {
    const shape = shapeOf(raw);
    known = history.shapes.get(shape) ?? { shape, seen: 0 };
    // What is not counted further has a new count each time.
    if (history.byRaw.size >= MOST_RAW_SHAPES) return known;
    history.byRaw.set(raw, known);
    history.shapes.set(shape, known);
  }
  history.last = { members: new MemberKinds(data), known };
  return known;
}

function observeValues(
  history: History,
  data: JsonObject,
  measured: MeasuredNames,
  into: BaselineBuffer,
): void {
  for (const name in data) {
    const value = numberOf(data[name]);
    if (value === undefined || !measured.has(name)) continue;
    let series = history.series.get(name);
    if (series === undefined) {
      if (history.series.size >= MOST_SERIES) continue;
      history.series.set(name, (series = new Series()));
    }
    into.add(name, value, series);
    series.add(value);
  }
}
