import { chunkCount, chunkFirstTimestamp, chunkTiming, readChunk, readChunkValues } from './chunk.ts';
import type { ColumnArena } from './column-arena.ts';
import type { OpenChunks } from './open-chunks.ts';
import type { SeriesPage } from './series-pages.ts';
import type { Slabs } from './slabs.ts';

/** Chunks whose times fit at first. */
const FIRST_CHUNKS = 32;

/** The chunks of one series at a time, walked from the newest back and read from the oldest on. */
export class ChunkPath {
  /** Whether the chunks last walked have the times of those walked before. False also where that takes reading them. */
  sameTimes = false;
  readonly #slabs: Slabs;
  readonly #open: OpenChunks;
  /** Slabs and offsets, newest chunk first; what lies beyond the length is left from another series. */
  readonly #ids: number[] = [];
  readonly #offsets: number[] = [];
  #length = 0;
  /** What tells times apart: of each chunk its count, its first time and its distances; the open one last. */
  #timing = new Float64Array(FIRST_CHUNKS * 3);
  #timingLength = -1;

  constructor(slabs: Slabs, open: OpenChunks) {
    this.#slabs = slabs;
    this.#open = open;
  }

  /** Collects the chunks that overlap (start, end], newest first, into the path; answers their samples, those of the open chunk too. */
  walkBack(page: SeriesPage, slot: number, startExclusive: number, end: number): number {
    const slabs = this.#slabs;
    const open = page.openCount[slot];
    const base = page.openBase[slot];
    this.sameTimes = true;
    this.#length = 0;
    let points = open;
    let at = 0;
    let id = open > 0 && base <= startExclusive ? -1 : page.chunkSlab[slot];
    let offset = page.chunkOffset[slot];
    while (id >= slabs.first) {
      const slab = slabs.get(id);
      if (slab === undefined) break;
      const first = chunkFirstTimestamp(slab, offset);
      if (first <= end) {
        const count = chunkCount(slab, offset);
        this.#ids[this.#length] = id;
        this.#offsets[this.#length++] = offset;
        points += count;
        this.#note(at++, count, first, chunkTiming(slab, offset));
      }
      if (first <= startExclusive) break;
      id = slab.words[offset * 2];
      offset = slab.words[offset * 2 + 1];
    }
    // Spelled times lie among the values: as NaN they are never the same again.
    if (open > 0 && base <= end)
      this.#note(at++, -open, base, page.openRegular[slot] === 1 ? page.openStep[slot] : Number.NaN);
    if (at !== this.#timingLength) this.sameTimes = false;
    this.#timingLength = at;
    return points;
  }

  /** Appends the samples of the path and of the open chunk at `arena.next`; with `timesKnown` the times are there already. */
  readInOrder(page: SeriesPage, slot: number, end: number, arena: ColumnArena, timesKnown = false): void {
    for (let i = this.#length - 1; i >= 0; i--) {
      const slab = this.#slabs.get(this.#ids[i]);
      if (slab === undefined) continue;
      if (timesKnown) readChunkValues(slab, this.#offsets[i], arena);
      else readChunk(slab, this.#offsets[i], arena);
    }
    if (page.openCount[slot] > 0 && page.openBase[slot] <= end) this.#open.read(page, slot, arena);
  }

  #note(chunk: number, count: number, first: number, distances: number): void {
    const at = chunk * 3;
    if (at === this.#timing.length) {
      const grown = new Float64Array(at * 2);
      grown.set(this.#timing);
      this.#timing = grown;
    }
    const timing = this.#timing;
    if (timing[at] === count && timing[at + 1] === first && timing[at + 2] === distances) return;
    timing[at] = count;
    timing[at + 1] = first;
    timing[at + 2] = distances;
    this.sameTimes = false;
  }
}
