import { chunkCount, chunkFirstTimestamp, readChunk } from './chunk.ts';
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

  /** Appends the samples of the path and of the open chunk at `arena.next`. */
  readInOrder(page: SeriesPage, slot: number, end: number, arena: ColumnArena): void {
    const path = this.#chunks;
    for (let i = this.#length - 2; i >= 0; i -= 2) {
      const slab = this.#slabs.get(path[i] ?? -1);
      if (slab !== undefined) readChunk(slab, path[i + 1] ?? 0, arena);
    }
    if (page.openCount[slot] > 0 && page.openBase[slot] <= end) this.#open.read(page, slot, arena);
  }
}
