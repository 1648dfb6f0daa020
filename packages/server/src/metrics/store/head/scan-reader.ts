import { Labels, type SeriesColumns } from '@pharos/promql';
import { CHUNK_SAMPLES } from './chunk.ts';
import { ChunkPath } from './chunk-path.ts';
import { ColumnArena } from './column-arena.ts';
import type { HeadParts } from './head-parts.ts';
import { STARTS, slotOf } from './series-pages.ts';
import { type ReadWindow, SeriesReader } from './series-reader.ts';
import { lowerBound } from './time-rows.ts';

/** The window's first sample lies at the same place for every series, however many of its chunk lie before it. */
const BEFORE_WINDOW = CHUNK_SAMPLES;

/** The columns of a scan, the same object for every series. */
class ScanColumns implements SeriesColumns {
  labels = Labels.EMPTY;
  timestamps = new Float64Array(0);
  values = new Float64Array(0);
  from = 0;
  to = 0;
  timing: object = {};
}

/**
 * Reads series one after the other into the same memory, each valid until the next. Where one has the times of the one before, as
 * the series of one target have, only its values are read.
 */
export class ScanReader {
  readonly #parts: HeadParts;
  readonly #window: ReadWindow;
  readonly #path: ChunkPath;
  readonly #arena = new ColumnArena();
  readonly #columns = new ScanColumns();
  /** For series that are more than chunks of floats. */
  readonly #reader: SeriesReader;
  readonly #others = new ColumnArena();

  constructor(parts: HeadParts, window: ReadWindow) {
    this.#parts = parts;
    this.#window = window;
    this.#path = new ChunkPath(parts.slabs, parts.open);
    this.#reader = new SeriesReader(parts);
  }

  /** The series' samples; null where it has none. */
  read(ref: number): SeriesColumns | null {
    const { pages, late } = this.#parts;
    const page = pages.pageOf(ref);
    if (page === undefined) return null;
    const slot = slotOf(ref);
    const { startExclusive, end } = this.#window;
    if (!(page.lastTimestamp[slot] > startExclusive && page.firstTimestamp[slot] <= end)) return null;
    const kinds = page.kinds[slot];
    const plain = kinds === 0 || (kinds === STARTS && !this.#window.wantStarts);
    if (!plain || late.count(ref) > 0) {
      this.#others.next = 0;
      return this.#reader.read(ref, this.#window, this.#others);
    }
    const labels = this.#parts.labelsOf(ref);
    if (labels === undefined) return null;
    const columns = this.#columns;
    const arena = this.#arena;
    const points = this.#path.walkBack(page, slot, startExclusive, end);
    const begin = BEFORE_WINDOW - this.#path.skipped;
    if (this.#path.sameTimes && begin + points <= arena.values.length) {
      arena.next = begin;
      this.#path.readInOrder(page, slot, arena, true);
    } else {
      arena.next = 0;
      // The newest chunk of another series may reach further beyond the window.
      arena.reserve(BEFORE_WINDOW + points + CHUNK_SAMPLES);
      arena.next = begin;
      this.#path.readInOrder(page, slot, arena);
      columns.timestamps = arena.timestamps;
      columns.values = arena.values;
      columns.from = lowerBound(arena.timestamps, arena.next, startExclusive + 1, begin);
      columns.to = lowerBound(arena.timestamps, arena.next, end + 1, columns.from);
      columns.timing = {};
    }
    columns.labels = labels;
    return columns.to > columns.from ? columns : null;
  }
}
