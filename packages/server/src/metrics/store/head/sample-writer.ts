import { CHUNK_SAMPLES, sealChunk } from './chunk.ts';
import { ColumnArena } from './column-arena.ts';
import type { HeadParts } from './head-parts.ts';
import { HISTOGRAMS, type SeriesPage, STARTS, slotOf } from './series-pages.ts';
import type { SeriesReader } from './series-reader.ts';

/** When a sample is and was written: times in ms, start 0 for unknown. */
export interface Placed {
  readonly timestamp: number;
  readonly start: number;
  readonly position: number;
}

/** Floats of series, without start times; ms. */
export interface PlainColumns {
  readonly refs: Uint32Array;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
}

const LARGEST_OFFSET = 2 ** 31 - 1;

/** The fewest samples of a first chunk. */
const LEAST_SAMPLES = CHUNK_SAMPLES / 2;
/** So many series in a row have first chunks of one size, so that they go on sharing their times. */
const SHARING_BITS = 6;

/**
 * Samples in the first chunk of a series. Series that began together would be full together for ever: all of a process' at one
 * moment, by code that rests between and is never worth optimising.
 */
function firstSamples(slot: number): number {
  return LEAST_SAMPLES + ((slot >> SHARING_BITS) % (CHUNK_SAMPLES - LEAST_SAMPLES));
}

/** Puts samples where they belong: the open chunk of their series, the late ones, or what is more than a float. */
export class SampleWriter {
  readonly #parts: HeadParts;
  readonly #reader: SeriesReader;
  readonly #scratch = new ColumnArena();
  readonly #one = new Float64Array(1);
  /** Newest sample time ever inserted, ms. */
  newest = Number.NEGATIVE_INFINITY;
  /** Chunks sealed so far. */
  chunks = 0;

  constructor(parts: HeadParts, reader: SeriesReader) {
    this.#parts = parts;
    this.#reader = reader;
  }

  /**
   * Makes `values[at]` of the series visible. False when the head already has a sample of that time: the first one stays.
   * The value comes by array and index, so that a staleness marker keeps its bits.
   */
  insert(ref: number, timestamp: number, values: Float64Array, at: number, position: number): boolean {
    const page = this.#parts.pages.pageOf(ref);
    if (page === undefined) return false;
    const slot = slotOf(ref);
    this.#touch(page, slot, timestamp, position);
    const kinds = page.kinds[slot];
    if (kinds === 0) return this.#insertFloat(ref, page, timestamp, values, at);
    return this.#insertRich(ref, values, at, { timestamp, start: 0, position });
  }

  /** The same for the samples at some indices of columns. */
  insertEach(columns: PlainColumns, indices: Uint32Array, position: number): void {
    const { refs, timestamps, values } = columns;
    const { pages, open } = this.#parts;
    for (let at = 0; at < indices.length; at++) {
      const i = indices[at];
      const ref = refs[i];
      const page = pages.pageOf(ref);
      if (page === undefined) continue;
      const slot = slotOf(ref);
      const time = timestamps[i];
      // The usual sample is a float, newer than all of its series, at most so far from its chunk's first one.
      const usual =
        page.kinds[slot] === 0 &&
        time > page.lastTimestamp[slot] &&
        (page.openCount[slot] === 0 || time - page.openBase[slot] <= LARGEST_OFFSET);
      if (!usual) {
        this.insert(ref, time, values, i, position);
        continue;
      }
      if (time > this.newest) this.newest = time;
      if (time < page.firstTimestamp[slot]) page.firstTimestamp[slot] = time;
      if (position > page.position[slot]) page.position[slot] = position;
      open.appendFrom(page, slot, timestamps, values, i);
      page.lastTimestamp[slot] = time;
      if (page.openCount[slot] >= LEAST_SAMPLES) this.#sealWhenFull(page, slot);
    }
  }

  /** The same for a sample that knows when its counting began. */
  insertStarted(ref: number, values: Float64Array, at: number, sample: Placed): boolean {
    const page = this.#parts.pages.pageOf(ref);
    if (page === undefined) return false;
    this.#touch(page, slotOf(ref), sample.timestamp, sample.position);
    return this.#insertRich(ref, values, at, sample);
  }

  /** The same for a native histogram, by its record, which is copied. */
  insertRecord(ref: number, record: Uint8Array, at: Placed): boolean {
    const page = this.#parts.pages.pageOf(ref);
    if (page === undefined) return false;
    const slot = slotOf(ref);
    const { timestamp } = at;
    this.#touch(page, slot, timestamp, at.position);
    if (timestamp > page.lastTimestamp[slot]) {
      page.lastTimestamp[slot] = timestamp;
    } else {
      this.#scratch.next = 0;
      const { records } = this.#parts.rich;
      if (records.at(ref, timestamp) !== undefined || this.#reader.at(ref, timestamp, this.#scratch) !== null)
        return false;
    }
    page.kinds[slot] |= HISTOGRAMS;
    this.#parts.rich.records.add(ref, at, record);
    return true;
  }

  #touch(page: SeriesPage, slot: number, timestamp: number, position: number): void {
    if (timestamp > this.newest) this.newest = timestamp;
    if (timestamp < page.firstTimestamp[slot]) page.firstTimestamp[slot] = timestamp;
    if (position > page.position[slot]) page.position[slot] = position;
  }

  /** A float sample of a series that has, or now gets, more than floats. */
  #insertRich(ref: number, values: Float64Array, at: number, { timestamp, start }: Placed): boolean {
    const page = this.#parts.pages.pageOf(ref);
    if (page === undefined) return false;
    const slot = slotOf(ref);
    const kinds = page.kinds[slot];
    if ((kinds & HISTOGRAMS) !== 0 && this.#parts.rich.records.at(ref, timestamp) !== undefined) return false;
    const newest = timestamp > page.lastTimestamp[slot];
    if (!this.#insertFloat(ref, page, timestamp, values, at)) return false;
    if (start !== 0 || (kinds & STARTS) !== 0) {
      page.kinds[slot] = kinds | STARTS;
      this.#parts.rich.starts.note(ref, { timestamp, start, newest });
    }
    return true;
  }

  #insertFloat(ref: number, page: SeriesPage, timestamp: number, values: Float64Array, at: number): boolean {
    const slot = slotOf(ref);
    const last = page.lastTimestamp[slot];
    if (timestamp > last) {
      this.#appendNewest(page, slot, timestamp, values[at]);
      return true;
    }
    if (timestamp === last) return false;
    const base = page.openBase[slot];
    if (page.openCount[slot] > 0 && timestamp > base && timestamp - base <= LARGEST_OFFSET)
      return this.#parts.open.insert(page, slot, timestamp, values[at]) && this.#grown(page, slot);
    if (timestamp === base && page.openCount[slot] > 0) return false;
    this.#one[0] = values[at];
    // The series' newest position is at or after this sample's: it stays until that is flushed.
    return this.#parts.late.add(ref, timestamp, this.#one, page.position[slot]);
  }

  #appendNewest(page: SeriesPage, slot: number, timestamp: number, value: number): void {
    if (page.openCount[slot] > 0 && timestamp - page.openBase[slot] > LARGEST_OFFSET) this.#seal(page, slot);
    this.#parts.open.append(page, slot, timestamp, value);
    page.lastTimestamp[slot] = timestamp;
    this.#grown(page, slot);
  }

  /** An open chunk never stays full, so that a sample always finds room in it. */
  #grown(page: SeriesPage, slot: number): true {
    this.#sealWhenFull(page, slot);
    return true;
  }

  /** The first chunk of a series is full at a count of its own, any other at the usual one. */
  #sealWhenFull(page: SeriesPage, slot: number): void {
    const count = page.openCount[slot];
    if (count === CHUNK_SAMPLES || (count >= firstSamples(slot) && page.chunkSlab[slot] < 0))
      this.#seal(page, slot);
  }

  #seal(page: SeriesPage, slot: number): void {
    const columns = this.#parts.open.close(page, slot);
    const previous = { slab: page.chunkSlab[slot], offset: page.chunkOffset[slot] };
    const address = sealChunk(this.#parts.slabs, columns, previous);
    const slab = this.#parts.slabs.get(address.slab);
    if (slab !== undefined) slab.position = Math.max(slab.position, page.position[slot]);
    this.chunks++;
    page.chunkSlab[slot] = address.slab;
    page.chunkOffset[slot] = address.offset;
  }
}
