import { chunkCount, chunkFirstTimestamp, chunkTiming, readChunk, readChunkValues } from './chunk.ts';
import type { ColumnArena } from './column-arena.ts';
import type { OpenChunks } from './open-chunks.ts';
import type { SeriesPage } from './series-pages.ts';
import type { Slabs } from './slabs.ts';

/** The chunks of one series at a time, walked from the newest back and read from the oldest on. */
export class ChunkPath {
  readonly #slabs: Slabs;
  readonly #open: OpenChunks;
  /** Slab ids and offsets in turn, newest chunk first; what lies beyond the length is left from another series. */
  readonly #chunks: number[] = [];
  #length = 0;
  /** What tells the times of the series before: count, first time and distances of each chunk. */
  readonly #timing: number[] = [];
  #timingLength = -1;

  constructor(slabs: Slabs, open: OpenChunks) {
    this.#slabs = slabs;
    this.#open = open;
  }

  /** Collects the chunks that overlap (start, end], newest first, into the path; answers their samples. */
  walkBack(page: SeriesPage, slot: number, startExclusive: number, end: number): number {
    const path = this.#chunks;
    this.#length = 0;
    if (page.openCount[slot] > 0 && page.openBase[slot] <= startExclusive) return 0;
    let points = 0;
    let id = page.chunkSlab[slot];
    let offset = page.chunkOffset[slot];
    while (id >= this.#slabs.first) {
      const slab = this.#slabs.get(id);
      if (slab === undefined) break;
      const first = chunkFirstTimestamp(slab, offset);
      if (first <= end) {
        path[this.#length++] = id;
        path[this.#length++] = offset;
        points += chunkCount(slab, offset);
      }
      if (first <= startExclusive) break;
      id = slab.words[offset * 2];
      offset = slab.words[offset * 2 + 1];
    }
    return points;
  }

  /**
   * Whether the samples of the path and of the open chunk have the times of the series this was asked of before. False also
   * where that takes reading them.
   */
  hasSameTimes(page: SeriesPage, slot: number, end: number): boolean {
    const path = this.#chunks;
    let same = true;
    let at = 0;
    for (let i = 0; i < this.#length; i += 2) {
      const slab = this.#slabs.get(path[i] ?? -1);
      const offset = path[i + 1] ?? 0;
      if (slab === undefined) continue;
      const first = chunkFirstTimestamp(slab, offset);
      if (!this.#note(at, chunkCount(slab, offset), first, chunkTiming(slab, offset))) same = false;
      at += 3;
    }
    const count = page.openCount[slot];
    if (count > 0 && page.openBase[slot] <= end) {
      // Spelled times lie among the values: as NaN they are never the same again.
      const step = page.openRegular[slot] === 1 ? page.openStep[slot] : Number.NaN;
      if (!this.#note(at, -count, page.openBase[slot], step)) same = false;
      at += 3;
    }
    if (at !== this.#timingLength) same = false;
    this.#timingLength = at;
    return same;
  }

  /** Notes the times of one chunk; answers whether these were there before. */
  #note(at: number, count: number, first: number, distances: number): boolean {
    const timing = this.#timing;
    if (timing[at] === count && timing[at + 1] === first && timing[at + 2] === distances) return true;
    timing[at] = count;
    timing[at + 1] = first;
    timing[at + 2] = distances;
    return false;
  }

  /** Appends the samples of the path and of the open chunk at `arena.next`; with `timesKnown` the times are there already. */
  readInOrder(page: SeriesPage, slot: number, end: number, arena: ColumnArena, timesKnown = false): void {
    const path = this.#chunks;
    const read = timesKnown ? readChunkValues : readChunk;
    for (let i = this.#length - 2; i >= 0; i -= 2) {
      const slab = this.#slabs.get(path[i] ?? -1);
      if (slab !== undefined) read(slab, path[i + 1] ?? 0, arena);
    }
    if (page.openCount[slot] > 0 && page.openBase[slot] <= end) this.#open.read(page, slot, arena);
  }
}
