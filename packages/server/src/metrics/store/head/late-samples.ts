import type { ColumnArena } from './column-arena.ts';
import { type Droppable, quarterOf } from './drop-to-fit.ts';
import { TimeRows } from './time-rows.ts';

const [TIME, VALUE, POSITION, COLUMNS] = [0, 1, 2, 3];
/** Of a series without its rows: what its objects weigh. */
const OVERHEAD = 200;

/** The out-of-order side of the head: samples that arrived behind the open chunk of their series. Rare, so a map by ref. */
export class LateSamples implements Droppable {
  readonly #bySeries = new Map<number, TimeRows>();
  #total = 0;
  #bytes = 0;

  get total(): number {
    return this.#total;
  }

  get bytes(): number {
    return this.#bytes;
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
    if (late === undefined) {
      this.#bySeries.set(ref, (late = new TimeRows(COLUMNS)));
      this.#bytes += sizeOf(late);
    }
    const before = late.bytes;
    const row = late.insert(timestamp);
    this.#bytes += late.bytes - before;
    if (row === null) return false;
    row.columns[VALUE].set(value, row.index);
    row.columns[POSITION][row.index] = position;
    this.#total++;
    return true;
  }

  /** The series' late sample of exactly this time, or null. Valid until the next change. */
  at(ref: number, timestamp: number): { readonly values: Float64Array; readonly index: number } | null {
    const row = this.#bySeries.get(ref)?.find(timestamp) ?? null;
    return row === null ? null : { values: row.columns[VALUE], index: row.index };
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
    const late = this.#bySeries.get(ref);
    if (late === undefined) return;
    this.#total -= late.count;
    this.#bytes -= sizeOf(late);
    this.#bySeries.delete(ref);
  }

  dropFlushed(below: number, flushed: number): number {
    let newest = Number.NEGATIVE_INFINITY;
    for (const [ref, late] of this.#bySeries) {
      let gone = 0;
      late.each(Number.NEGATIVE_INFINITY, below, (columns, begin, end) => {
        for (let i = begin; i < end; i++) {
          if (columns[POSITION][i] > flushed) continue;
          gone++;
          newest = Math.max(newest, columns[TIME][i]);
        }
      });
      if (gone > 0) this.#replace(ref, late, below, flushed);
    }
    return newest;
  }

  quarterTime(): number {
    return quarterOf(this.#bySeries.values());
  }

  /** Keeps what is not older than `below` or not flushed. */
  #replace(ref: number, late: TimeRows, below: number, flushed: number): void {
    this.forget(ref);
    const kept = late.filter((columns, i) => columns[TIME][i] >= below || columns[POSITION][i] > flushed);
    if (kept.count === 0) return;
    this.#bySeries.set(ref, kept);
    this.#total += kept.count;
    this.#bytes += sizeOf(kept);
  }
}

function sizeOf(late: TimeRows): number {
  return OVERHEAD + late.bytes;
}
