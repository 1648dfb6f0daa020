import { lowerBound } from './late-samples.ts';

/** Records of one series in time order, as the engine or the head answers them: index i of each is one histogram sample. */
export interface RecordWindow {
  readonly timestamps: Float64Array;
  /** When its counting began, ms; 0 for unknown. */
  readonly starts: Float64Array;
  readonly records: readonly Uint8Array[];
}

interface Columns {
  count: number;
  timestamps: Float64Array;
  starts: Float64Array;
  positions: Float64Array;
  /** Where each record lies in `bytes`; records that came late lie behind younger ones. */
  offsets: Uint32Array;
  lengths: Uint32Array;
  bytes: Uint8Array;
  used: number;
}

const FIRST_SAMPLES = 8;
const FIRST_BYTES = 512;
/** Of the typed arrays of a series: what their objects weigh. */
const OVERHEAD = 800;
const BYTES_PER_SAMPLE = 8 * 3 + 4 * 2;

/**
 * The native histograms of the head: per series its encoded records, sorted by time. A series without any is not in here, so that
 * floats pay nothing.
 */
export class RecordColumns {
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
    const columns = this.#roomFor(ref, record.length);
    const { timestamps, starts, positions, offsets, lengths, count } = columns;
    const index = lowerBound(timestamps, count, at.timestamp);
    if (index < count) {
      for (const column of [timestamps, starts, positions, offsets, lengths])
        column.copyWithin(index + 1, index, count);
    }
    timestamps[index] = at.timestamp;
    starts[index] = at.start;
    positions[index] = at.position;
    offsets[index] = columns.used;
    lengths[index] = record.length;
    columns.bytes.set(record, columns.used);
    columns.used += record.length;
    columns.count++;
    this.#samples++;
  }

  /** The record of exactly this time, or undefined. Valid until the next change. */
  at(ref: number, timestamp: number): Uint8Array | undefined {
    const columns = this.#bySeries.get(ref);
    if (columns === undefined) return undefined;
    const index = lowerBound(columns.timestamps, columns.count, timestamp);
    return index < columns.count && columns.timestamps[index] === timestamp
      ? recordAt(columns, index)
      : undefined;
  }

  /** The records of (startExclusive, end], or null. They are valid until the next change. */
  read(ref: number, startExclusive: number, end: number): RecordWindow | null {
    const columns = this.#bySeries.get(ref);
    if (columns === undefined) return null;
    const from = lowerBound(columns.timestamps, columns.count, startExclusive + 1);
    const to = lowerBound(columns.timestamps, columns.count, end + 1, from);
    if (to === from) return null;
    const records: Uint8Array[] = [];
    for (let i = from; i < to; i++) records.push(recordAt(columns, i));
    return {
      timestamps: columns.timestamps.slice(from, to),
      starts: columns.starts.slice(from, to),
      records,
    };
  }

  /**
   * Drops what the engine holds and is older than `below`; answers the newest time dropped, minus infinity for none. A series is
   * only touched for an eighth of its samples or more, because the others are moved.
   */
  dropFlushed(below: number, flushed: number): number {
    let newest = Number.NEGATIVE_INFINITY;
    for (const [ref, columns] of this.#bySeries) {
      const { timestamps, positions, count } = columns;
      const end = lowerBound(timestamps, count, below);
      const kept: number[] = [];
      let dropped = Number.NEGATIVE_INFINITY;
      for (let i = 0; i < end; i++) {
        if (positions[i] > flushed) kept.push(i);
        else dropped = timestamps[i];
      }
      const gone = end - kept.length;
      if (gone === 0 || gone < count >> 3) continue;
      newest = Math.max(newest, dropped);
      this.#keep(ref, columns, kept, end);
    }
    return newest;
  }

  /** A time below which about a quarter of the samples lie. */
  quarterTime(): number {
    let oldest = Number.POSITIVE_INFINITY;
    let newest = Number.NEGATIVE_INFINITY;
    for (const { timestamps, count } of this.#bySeries.values()) {
      oldest = Math.min(oldest, timestamps[0]);
      newest = Math.max(newest, timestamps[count - 1]);
    }
    return oldest + (newest - oldest) / 4;
  }

  forget(ref: number): void {
    const columns = this.#bySeries.get(ref);
    if (columns === undefined) return;
    this.#samples -= columns.count;
    this.#bytes -= sizeOf(columns);
    this.#bySeries.delete(ref);
  }

  /** Makes the columns anew from the given indices and everything from `end` on. */
  #keep(ref: number, old: Columns, kept: readonly number[], end: number): void {
    this.forget(ref);
    for (const i of kept) this.#copy(ref, old, i);
    for (let i = end; i < old.count; i++) this.#copy(ref, old, i);
  }

  #copy(ref: number, old: Columns, i: number): void {
    const at = { timestamp: old.timestamps[i], start: old.starts[i], position: old.positions[i] };
    this.add(ref, at, recordAt(old, i));
  }

  #roomFor(ref: number, length: number): Columns {
    let columns = this.#bySeries.get(ref);
    if (columns === undefined) {
      columns = {
        count: 0,
        timestamps: new Float64Array(FIRST_SAMPLES),
        starts: new Float64Array(FIRST_SAMPLES),
        positions: new Float64Array(FIRST_SAMPLES),
        offsets: new Uint32Array(FIRST_SAMPLES),
        lengths: new Uint32Array(FIRST_SAMPLES),
        bytes: new Uint8Array(Math.max(FIRST_BYTES, length)),
        used: 0,
      };
      this.#bySeries.set(ref, columns);
      this.#bytes += sizeOf(columns);
    }
    const before = sizeOf(columns);
    if (columns.count === columns.timestamps.length) {
      const capacity = columns.count + Math.max(FIRST_SAMPLES, columns.count >> 1);
      columns.timestamps = grown(columns.timestamps, new Float64Array(capacity));
      columns.starts = grown(columns.starts, new Float64Array(capacity));
      columns.positions = grown(columns.positions, new Float64Array(capacity));
      columns.offsets = grown(columns.offsets, new Uint32Array(capacity));
      columns.lengths = grown(columns.lengths, new Uint32Array(capacity));
    }
    if (columns.used + length > columns.bytes.length) {
      const capacity = Math.max(columns.used + length, columns.bytes.length + (columns.bytes.length >> 1));
      columns.bytes = grown(columns.bytes, new Uint8Array(capacity));
    }
    this.#bytes += sizeOf(columns) - before;
    return columns;
  }
}

function recordAt(columns: Columns, index: number): Uint8Array {
  return columns.bytes.subarray(columns.offsets[index], columns.offsets[index] + columns.lengths[index]);
}

function sizeOf(columns: Columns): number {
  return OVERHEAD + columns.timestamps.length * BYTES_PER_SAMPLE + columns.bytes.length;
}

function grown<T extends Float64Array | Uint32Array | Uint8Array>(old: T, next: T): T {
  next.set(old);
  return next;
}
