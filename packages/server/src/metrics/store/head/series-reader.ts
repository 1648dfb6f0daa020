import type { SeriesColumns } from '@pharos/promql';
import { ChunkPath } from './chunk-path.ts';
import type { ColumnArena } from './column-arena.ts';
import type { HeadParts } from './head-parts.ts';
import { mergeColumns } from './merge.ts';
import { slotOf } from './series-pages.ts';
import { lowerBound } from './time-rows.ts';

/** Which samples are read, (startExclusive, end] in ms, and whether their start times are. */
export interface ReadWindow {
  readonly startExclusive: number;
  readonly end: number;
  readonly wantStarts: boolean;
}

/** Reads the samples of one series from wherever the head keeps them. */
export class SeriesReader {
  readonly #parts: HeadParts;
  readonly #path: ChunkPath;

  constructor(parts: HeadParts) {
    this.#parts = parts;
    this.#path = new ChunkPath(parts.slabs, parts.open);
  }

  /**
   * The series' samples; null when there is none. Floats are written to the arena; a series with histograms, or with start times
   * when these are wanted, has columns of its own.
   */
  read(ref: number, window: ReadWindow, arena: ColumnArena): SeriesColumns | null {
    const { pages, rich, labelsOf } = this.#parts;
    const floats = this.readFloats(ref, window.startExclusive, window.end, arena);
    const kinds = pages.pageOf(ref)?.kinds[slotOf(ref)] ?? 0;
    if (kinds === 0) return floats;
    const labels = labelsOf(ref);
    return labels === undefined ? null : rich.join(ref, kinds, floats, { labels, ...window });
  }

  /** The float sample of exactly this time as a window of one, or null. */
  at(ref: number, timestamp: number, arena: ColumnArena): SeriesColumns | null {
    return this.readFloats(ref, timestamp - 1, timestamp, arena);
  }

  /** The floats alone. */
  readFloats(ref: number, startExclusive: number, end: number, arena: ColumnArena): SeriesColumns | null {
    const { pages, late: lateSamples, labelsOf } = this.#parts;
    const page = pages.pageOf(ref);
    const labels = labelsOf(ref);
    if (page === undefined || labels === undefined) return null;
    const slot = slotOf(ref);
    const late = lateSamples.countIn(ref, startExclusive + 1, end);
    const points = this.#path.walkBack(page, slot, startExclusive, end);
    arena.reserve(late > 0 ? (points + late) * 2 : points);
    const { timestamps, values } = arena;
    const begin = arena.next;
    this.#path.readInOrder(page, slot, arena);
    let from = lowerBound(timestamps, arena.next, startExclusive + 1, begin);
    let to = lowerBound(timestamps, arena.next, end + 1, from);
    if (late > 0) {
      const lateFrom = arena.next;
      lateSamples.read(ref, startExclusive + 1, end, arena);
      const lateTo = arena.next;
      const merged = { timestamps, values, next: lateTo };
      mergeColumns(
        { timestamps, values, from, to },
        { timestamps, values, from: lateFrom, to: lateTo },
        merged,
      );
      from = lateTo;
      to = merged.next;
      arena.next = to;
    } else {
      arena.next = to;
    }
    return to > from ? { labels, timestamps, values, from, to } : null;
  }
}
