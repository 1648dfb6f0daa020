import { History } from './history.ts';
import { type HistoryBook, Lesson } from './lesson.ts';
import { Series } from './series.ts';

const IDLE_MS = 7 * 86_400_000;

/** The histories of all sources in memory, bounded in number: a source beyond has none, and no anomalies. */
export class Histories {
  readonly #most: number;
  readonly #all = new Map<string, History>();
  readonly #book: HistoryBook;
  #turnedAway = 0;

  constructor(most: number) {
    this.#most = most;
    this.#book = {
      find: (tenant, source, eventType) => this.#all.get(keyOf({ tenant, source, eventType })),
      make: (others) => (this.#all.size + others < this.#most ? new History() : undefined),
      keep: (tenant, source, eventType, own) => this.#of({ tenant, source, eventType }, own),
      turnAway: () => this.#turnedAway++,
    };
  }

  get size(): number {
    return this.#all.size;
  }

  /** Events that had no history because there are too many sources and types. */
  get turnedAway(): number {
    return this.#turnedAway;
  }

  /** What a tenant's next events teach that are stored together. */
  lesson(tenant: string): Lesson {
    return new Lesson(this.#book, tenant);
  }

  /** The figures of a field before its last value, and that value, as they were stored. */
  resume(key: HistoryKey, figures: SeriesFigures, now: number): void {
    const history = this.#of(key);
    if (history === undefined) return;
    history.lastAt = now;
    const { name, value, count, mean, variance, fast } = figures;
    const series = new Series().resume(count, mean, variance, fast);
    series.add(value);
    history.series.set(name, series);
  }

  /** Events of a shape that were seen before. */
  resumeShape(key: HistoryKey, shape: string, seen: number, now: number): void {
    const history = this.#of(key);
    if (history === undefined) return;
    history.lastAt = now;
    history.count(shape, seen);
  }

  /** Forgets sources that were silent for a week. */
  collect(now: number): void {
    for (const [key, { lastAt }] of this.#all) if (now - lastAt > IDLE_MS) this.#all.delete(key);
  }

  #of(key: HistoryKey, own?: History): History | undefined {
    const name = keyOf(key);
    let history = this.#all.get(name);
    if (history === undefined && this.#all.size < this.#most)
      this.#all.set(name, (history = own ?? new History()));
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

function keyOf({ tenant, source, eventType }: HistoryKey): string {
  return `${tenant}\n${source}\n${eventType}`;
}
