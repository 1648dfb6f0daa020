import { type Droppable, quarterOf } from './drop-to-fit.ts';
import { TimeRows } from './time-rows.ts';

/** Records of one series in time order, as the engine or the head answers them: index i of each is one histogram sample. */
export interface RecordWindow {
  readonly timestamps: Float64Array;
  /** When its counting began, ms; 0 for unknown. */
  readonly starts: Float64Array;
  readonly records: readonly Uint8Array[];
}

/** Columns of the rows. Each record lies at an offset in `bytes`; records that came late lie behind younger ones. */
const [TIME, START, POSITION, OFFSET, LENGTH, COLUMNS] = [0, 1, 2, 3, 4, 5];

interface Columns {
  readonly rows: TimeRows;
  bytes: Uint8Array;
  used: number;
}

const FIRST_BYTES = 512;
/** Of a series without its rows: what its objects weigh. */
const OVERHEAD = 200;

/**
 * The native histograms of the head: per series its encoded records, sorted by time. A series without any is not in here, so that
 * floats pay nothing.
 */
export class RecordColumns implements Droppable {
  readonly #bySeries = new Map<number, Columns>();
  #bytes = 0;
  #samples = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get samples(): number {
    return this.#samples;
  }

  /** The caller has made sure that the series has nothing at that time. The record is copied. */
  add(ref: number, at: { timestamp: number; start: number; position: number }, record: Uint8Array): void {
    const columns = this.#columnsOf(ref);
    const before = sizeOf(columns);
    const row = columns.rows.insert(at.timestamp);
    if (row === null) return;
    row.columns[START][row.index] = at.start;
    row.columns[POSITION][row.index] = at.position;
    row.columns[OFFSET][row.index] = columns.used;
    row.columns[LENGTH][row.index] = record.length;
    makeRoom(columns, record.length);
    columns.bytes.set(record, columns.used);
    columns.used += record.length;
    this.#bytes += sizeOf(columns) - before;
    this.#samples++;
  }

  /** The record of exactly this time, or undefined. Valid until the next change. */
  at(ref: number, timestamp: number): Uint8Array | undefined {
    const columns = this.#bySeries.get(ref);
    if (columns === undefined) return undefined;
    const row = columns.rows.find(timestamp);
    return row === null ? undefined : recordAt(columns.bytes, row.columns, row.index);
  }

  /** The records of (startExclusive, end], or null. They are valid until the next change. */
  read(ref: number, startExclusive: number, end: number): RecordWindow | null {
    const columns = this.#bySeries.get(ref);
    if (columns === undefined) return null;
    const { rows, bytes } = columns;
    const count = rows.countIn(startExclusive + 1, end + 1);
    if (count === 0) return null;
    const timestamps = new Float64Array(count);
    const starts = new Float64Array(count);
    const records: Uint8Array[] = [];
    rows.each(startExclusive + 1, end + 1, (found, from, to) => {
      timestamps.set(found[TIME].subarray(from, to), records.length);
      starts.set(found[START].subarray(from, to), records.length);
      for (let i = from; i < to; i++) records.push(recordAt(bytes, found, i));
    });
    return { timestamps, starts, records };
  }

  /**
   * A series is only touched for an eighth of its samples or more, because the others are moved.
   */
  dropFlushed(below: number, flushed: number): number {
    let newest = Number.NEGATIVE_INFINITY;
    for (const [ref, columns] of this.#bySeries) {
      let gone = 0;
      let dropped = Number.NEGATIVE_INFINITY;
      columns.rows.each(Number.NEGATIVE_INFINITY, below, (found, from, to) => {
        for (let i = from; i < to; i++) {
          if (found[POSITION][i] > flushed) continue;
          gone++;
          dropped = found[TIME][i];
        }
      });
      if (gone === 0 || gone < columns.rows.count >> 3) continue;
      newest = Math.max(newest, dropped);
      this.forget(ref);
      this.#copy(ref, columns, (time, position) => time >= below || position > flushed);
    }
    return newest;
  }

  quarterTime(): number {
    return quarterOf(Array.from(this.#bySeries.values(), ({ rows }) => rows));
  }

  forget(ref: number): void {
    const columns = this.#bySeries.get(ref);
    if (columns === undefined) return;
    this.#samples -= columns.rows.count;
    this.#bytes -= sizeOf(columns);
    this.#bySeries.delete(ref);
  }

  /** Adds the records of some columns that are kept to those of the series. */
  #copy(ref: number, old: Columns, isKept: (time: number, position: number) => boolean): void {
    old.rows.each(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, (found, from, to) => {
      for (let i = from; i < to; i++) {
        const [timestamp, start, position] = [found[TIME][i], found[START][i], found[POSITION][i]];
        if (isKept(timestamp, position))
          this.add(ref, { timestamp, start, position }, recordAt(old.bytes, found, i));
      }
    });
  }

  #columnsOf(ref: number): Columns {
    let columns = this.#bySeries.get(ref);
    if (columns === undefined) {
      columns = { rows: new TimeRows(COLUMNS), bytes: new Uint8Array(FIRST_BYTES), used: 0 };
      this.#bySeries.set(ref, columns);
      this.#bytes += sizeOf(columns);
    }
    return columns;
  }
}

function recordAt(bytes: Uint8Array, columns: readonly Float64Array[], index: number): Uint8Array {
  const offset = columns[OFFSET][index];
  return bytes.subarray(offset, offset + columns[LENGTH][index]);
}

function sizeOf({ rows, bytes }: Columns): number {
  return OVERHEAD + rows.bytes + bytes.length;
}

function makeRoom(columns: Columns, length: number): void {
  const { bytes, used } = columns;
  if (used + length <= bytes.length) return;
  columns.bytes = new Uint8Array(Math.max(used + length, bytes.length + (bytes.length >> 1)));
  columns.bytes.set(bytes);
}
