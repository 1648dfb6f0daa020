import { chunkCount, chunkFirstTimestamp, chunkTiming, readChunk, readChunkValues } from './chunk.ts';
import type { ColumnArena } from './column-arena.ts';
import type { OpenChunks } from './open-chunks.ts';
import type { SeriesPage } from './series-pages.ts';
import type { Slabs } from './slabs.ts';
import { TimeRuns } from './time-runs.ts';

/** The chunks of one series at a time, walked from the newest back and read from the oldest on. */
export class ChunkPath {
  readonly #slabs: Slabs;
  readonly #open: OpenChunks;
  readonly #runs = new TimeRuns();
  /** Slabs and offsets, newest chunk first; what lies beyond the length is left from another series. */
  readonly #ids: number[] = [];
  readonly #offsets: number[] = [];
  #length = 0;
  #readsOpen = false;

  constructor(slabs: Slabs, open: OpenChunks) {
    this.#slabs = slabs;
    this.#open = open;
  }

  /** Whether the samples in the window last walked have the times of those walked before. False also where that takes reading them. */
  get sameTimes(): boolean {
    return this.#runs.same;
  }

  /** How many of the path's samples are known to lie before the window: less than a chunk has. */
  get skipped(): number {
    return this.#runs.skipped;
  }

  /** Collects the chunks that overlap (start, end], newest first, into the path; answers how many samples they have at most. */
  walkBack(page: SeriesPage, slot: number, startExclusive: number, end: number): number {
    const slabs = this.#slabs;
    const runs = this.#runs;
    const open = page.openCount[slot];
    const base = page.openBase[slot];
    runs.begin(startExclusive, end);
    this.#length = 0;
    // Spelled times lie among the values: as NaN they are never the same again.
    const openStep = page.openRegular[slot] === 1 ? page.openStep[slot] : Number.NaN;
    this.#readsOpen = open > 0 && base <= end && runs.add(open, base, openStep);
    let points = this.#readsOpen ? open : 0;
    let id = open > 0 && base <= startExclusive ? -1 : page.chunkSlab[slot];
    let offset = page.chunkOffset[slot];
    while (id >= slabs.first) {
      const slab = slabs.get(id);
      if (slab === undefined) break;
      const first = chunkFirstTimestamp(slab, offset);
      if (first <= end) {
        const count = chunkCount(slab, offset);
        if (runs.add(count, first, chunkTiming(slab, offset))) {
          this.#ids[this.#length] = id;
          this.#offsets[this.#length++] = offset;
          points += count;
        }
      }
      if (first <= startExclusive) break;
      id = slab.words[offset * 2];
      offset = slab.words[offset * 2 + 1];
    }
    runs.finish();
    return points;
  }

  /** Appends the samples of the path and of the open chunk at `arena.next`; with `timesKnown` the times are there already. */
  readInOrder(page: SeriesPage, slot: number, arena: ColumnArena, timesKnown = false): void {
    for (let i = this.#length - 1; i >= 0; i--) {
      const slab = this.#slabs.get(this.#ids[i]);
      if (slab === undefined) continue;
      if (timesKnown) readChunkValues(slab, this.#offsets[i], arena);
      else readChunk(slab, this.#offsets[i], arena);
    }
    if (this.#readsOpen) this.#open.read(page, slot, arena);
  }
}
