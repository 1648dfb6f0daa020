import type { ColumnArena } from './column-arena.ts';
import { TimeRows } from './time-rows.ts';

const [TIME, VALUE, POSITION, COLUMNS] = [0, 1, 2, 3];

/** The out-of-order side of the head: samples that arrived behind the open chunk of their series. Rare, so a map by ref. */
export class LateSamples {
  readonly #bySeries = new Map<number, TimeRows>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  count(ref: number): number {
    return this.#bySeries.get(ref)?.count ?? 0;
  }

  /** The series' late samples of [from, to]. */
  countIn(ref: number, from: number, to: number): number {
    return this.#bySeries.get(ref)?.countIn(from, to + 1) ?? 0;
  }

  /** False when the series already has a late sample of that time. */
  add(ref: number, timestamp: number, value: Float64Array, position: number): boolean {
    let late = this.#bySeries.get(ref);
    if (late === undefined) this.#bySeries.set(ref, (late = new TimeRows(COLUMNS)));
    const row = late.insert(timestamp);
    if (row === null) return false;
    row.columns[VALUE].set(value, row.index);
    row.columns[POSITION][row.index] = position;
    this.#total++;
    return true;
  }

  /** Appends the series' late samples of [from, to] at `arena.next`. */
  read(ref: number, from: number, to: number, arena: ColumnArena): void {
    this.#bySeries.get(ref)?.each(from, to + 1, (columns, begin, end) => {
      arena.timestamps.set(columns[TIME].subarray(begin, end), arena.next);
      arena.values.set(columns[VALUE].subarray(begin, end), arena.next);
      arena.next += end - begin;
    });
  }

  forget(ref: number): void {
    this.#total -= this.count(ref);
    this.#bySeries.delete(ref);
  }

  /** Drops what the engine holds and readers no longer ask of the head. */
  dropFlushed(below: number, flushed: number): void {
    for (const [ref, late] of this.#bySeries) {
      let gone = 0;
      late.each(Number.NEGATIVE_INFINITY, below, (columns, begin, end) => {
        for (let i = begin; i < end; i++) if (columns[POSITION][i] <= flushed) gone++;
      });
      if (gone === 0) continue;
      this.#total -= gone;
      if (gone === late.count) this.#bySeries.delete(ref);
      else
        this.#bySeries.set(
          ref,
          late.filter((columns, i) => columns[TIME][i] >= below || columns[POSITION][i] > flushed),
        );
    }
  }
}
