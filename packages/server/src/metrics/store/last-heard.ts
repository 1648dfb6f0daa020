import { KeyTable } from './head/key-table.ts';
import type { SeriesKey } from './series-key.ts';

/** When each of many series was heard of last, ms. */
export class LastHeard {
  readonly #index = new KeyTable();
  readonly #times: number[] = [];

  get size(): number {
    return this.#times.length;
  }

  /** Of a series that is not in here yet. */
  add(key: SeriesKey, time: number): void {
    this.#index.add(key, this.#times.push(time));
  }

  /** Minus infinity for a series that is not in here. */
  of(key: SeriesKey): number {
    const at = this.#index.get(key);
    return at === 0 ? Number.NEGATIVE_INFINITY : this.#times[at - 1];
  }

  /** How many were not heard of after a time. */
  upTo(time: number): number {
    return this.#times.reduce((count, heard) => (heard <= time ? count + 1 : count), 0);
  }

  /** The time after which no more than so many series were heard of: minus infinity when that is all of them. */
  notFitting(room: number): number {
    if (this.#times.length <= room) return Number.NEGATIVE_INFINITY;
    return Float64Array.from(this.#times).sort()[this.#times.length - 1 - room];
  }
}
