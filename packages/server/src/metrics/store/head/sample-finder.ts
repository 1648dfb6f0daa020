import { CHUNK_SAMPLES, chunkFirstTimestamp, readChunk } from './chunk.ts';
import { ColumnArena } from './column-arena.ts';
import type { HeadParts } from './head-parts.ts';
import { type SeriesPage, slotOf } from './series-pages.ts';
import { lowerBound } from './time-rows.ts';

/** A float sample: `values[index]`, so that a staleness marker keeps its bits. Valid until the next is looked for. */
export interface FoundSample {
  readonly values: Float64Array;
  readonly index: number;
}

/** The sealed chunks of one series as far back as was asked for, newest first. */
interface Walked {
  readonly slabs: number[];
  readonly offsets: number[];
  readonly firsts: number[];
  /** The chunk before the last one; slab -1 or one that is gone: none. */
  nextSlab: number;
  nextOffset: number;
}

const OPEN = -1;

/**
 * Finds single float samples of series, while nothing is inserted. The chunks of a series are walked once for all of its samples, not
 * for each: a sender that sends its past again has thousands of them.
 */
export class SampleFinder {
  readonly #parts: HeadParts;
  readonly #walked = new Map<number, Walked>();
  readonly #arena = new ColumnArena();
  /** Whose chunk the arena holds, and which one: its place in what was walked, or the open one. */
  #ref = 0;
  #chunk = OPEN;

  constructor(parts: HeadParts) {
    this.#parts = parts;
    this.#arena.reserve(CHUNK_SAMPLES);
  }

  /** The series' sample of exactly this time, or null. */
  at(ref: number, timestamp: number): FoundSample | null {
    const { pages, late } = this.#parts;
    const page = pages.pageOf(ref);
    if (page === undefined) return null;
    const slot = slotOf(ref);
    const isOpen = page.openCount[slot] > 0 && timestamp >= page.openBase[slot];
    const chunk = isOpen ? OPEN : this.#sealedAt(ref, page, slot, timestamp);
    if (chunk !== null) {
      this.#load(ref, page, slot, chunk);
      const { timestamps, values, next } = this.#arena;
      const index = lowerBound(timestamps, next, timestamp);
      if (index < next && timestamps[index] === timestamp) return { values, index };
    }
    return late.at(ref, timestamp);
  }

  /** The place of the only sealed chunk that may have the time; null for none. */
  #sealedAt(ref: number, page: SeriesPage, slot: number, timestamp: number): number | null {
    let walked = this.#walked.get(ref);
    if (walked === undefined) {
      walked = {
        slabs: [],
        offsets: [],
        firsts: [],
        nextSlab: page.chunkSlab[slot],
        nextOffset: page.chunkOffset[slot],
      };
      this.#walked.set(ref, walked);
    }
    const { firsts } = walked;
    while (firsts.length === 0 || firsts[firsts.length - 1] > timestamp)
      if (!this.#walkOn(walked)) return null;
    let low = 0;
    let high = firsts.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (firsts[middle] <= timestamp) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #walkOn(walked: Walked): boolean {
    const { slabs } = this.#parts;
    if (walked.nextSlab < slabs.first) return false;
    const slab = slabs.get(walked.nextSlab);
    if (slab === undefined) return false;
    const offset = walked.nextOffset;
    walked.slabs.push(slab.id);
    walked.offsets.push(offset);
    walked.firsts.push(chunkFirstTimestamp(slab, offset));
    walked.nextSlab = slab.words[offset * 2];
    walked.nextOffset = slab.words[offset * 2 + 1];
    return true;
  }

  #load(ref: number, page: SeriesPage, slot: number, chunk: number): void {
    if (this.#ref === ref && this.#chunk === chunk) return;
    this.#ref = ref;
    this.#chunk = chunk;
    this.#arena.next = 0;
    if (chunk === OPEN) {
      this.#parts.open.read(page, slot, this.#arena);
      return;
    }
    const walked = this.#walked.get(ref);
    const slab = walked === undefined ? undefined : this.#parts.slabs.get(walked.slabs[chunk]);
    if (walked !== undefined && slab !== undefined) readChunk(slab, walked.offsets[chunk], this.#arena);
  }
}
