import type { Labels } from '@pharos/promql';
import type { SeriesKey } from '../series-key.ts';
import { CHUNK_SAMPLES } from './chunk.ts';

const PAGE_BITS = 10;
const PAGE_SERIES = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_SERIES - 1;

/** Bits of `kinds`. */
export const HISTOGRAMS = 1;
export const STARTS = 2;

/** What the head knows of 1,024 series in a row, one array per property; index `ref & 1023`. */
export class SeriesPage {
  live = 0;
  readonly labels: (Labels | undefined)[] = Array.from({ length: PAGE_SERIES }, () => undefined);
  readonly tenant = new Uint16Array(PAGE_SERIES);
  readonly metric = new Uint32Array(PAGE_SERIES);
  readonly low = new Uint32Array(PAGE_SERIES);
  readonly high = new Uint32Array(PAGE_SERIES);
  /** Oldest and newest sample the head ever held of the series, ms; infinite when none. */
  readonly firstTimestamp = new Float64Array(PAGE_SERIES).fill(Number.POSITIVE_INFINITY);
  readonly lastTimestamp = new Float64Array(PAGE_SERIES).fill(Number.NEGATIVE_INFINITY);
  /** Means nothing for a series with histograms. */
  readonly lastValue = new Float64Array(PAGE_SERIES);
  /** What the series holds in memory besides plain floats: HISTOGRAMS, STARTS. */
  readonly kinds = new Uint8Array(PAGE_SERIES);
  /** Journal position of the newest write. */
  readonly position = new Float64Array(PAGE_SERIES);
  /** Samples accepted by an appender whose commit is not over: the series must not be evicted. */
  readonly inFlight = new Uint32Array(PAGE_SERIES);
  /** UTC days, first to last, whose series row is durable; -1: none. */
  readonly knownFrom = new Int32Array(PAGE_SERIES).fill(-1);
  readonly knownTo = new Int32Array(PAGE_SERIES).fill(-1);
  /** Scratch of the door rules: index of the newest sample accepted in the request with this number. */
  readonly request = new Uint32Array(PAGE_SERIES);
  readonly requestNewest = new Uint32Array(PAGE_SERIES);
  /** The open chunk: samples not sealed yet, as offsets in ms from `openBase`. */
  readonly openCount = new Uint8Array(PAGE_SERIES);
  readonly openBase = new Float64Array(PAGE_SERIES);
  readonly openOffsets = new Int32Array(PAGE_SERIES * CHUNK_SAMPLES);
  readonly openValues = new Float64Array(PAGE_SERIES * CHUNK_SAMPLES);
  /** The newest sealed chunk; slab -1: none. */
  readonly chunkSlab = new Int32Array(PAGE_SERIES).fill(-1);
  readonly chunkOffset = new Int32Array(PAGE_SERIES);

  keyAt(slot: number): SeriesKey {
    return { metric: this.metric[slot], low: this.low[slot], high: this.high[slot] };
  }
}

/** Bytes of one page's arrays, without the label texts. */
const PAGE_BYTES = PAGE_SERIES * (8 + 2 + 12 + 8 * 5 + 4 * 5 + 2 + CHUNK_SAMPLES * 12 + 8);

/**
 * All series by ref. Refs rise and are never reused; a page whose series are all gone is dropped, so memory
 * follows the living.
 */
export class SeriesPages {
  readonly #pages: (SeriesPage | undefined)[] = [];
  #next = 1;
  #pageCount = 0;

  get bytes(): number {
    return this.#pageCount * PAGE_BYTES;
  }

  /** One more than the highest ref given out. */
  get end(): number {
    return this.#next;
  }

  /** The page of a living series, or undefined. */
  pageOf(ref: number): SeriesPage | undefined {
    const page = this.#pages[ref >>> PAGE_BITS];
    return page?.labels[ref & PAGE_MASK] === undefined ? undefined : page;
  }

  labelsOf(ref: number): Labels | undefined {
    return this.#pages[ref >>> PAGE_BITS]?.labels[ref & PAGE_MASK];
  }

  add(tenant: number, key: SeriesKey, labels: Labels): number {
    const ref = this.#next++;
    const index = ref >>> PAGE_BITS;
    let page = this.#pages[index];
    if (page === undefined) {
      page = new SeriesPage();
      this.#pages[index] = page;
      this.#pageCount++;
    }
    const slot = ref & PAGE_MASK;
    page.labels[slot] = labels;
    page.tenant[slot] = tenant;
    page.metric[slot] = key.metric;
    page.low[slot] = key.low;
    page.high[slot] = key.high;
    page.live++;
    return ref;
  }

  remove(ref: number): void {
    const page = this.pageOf(ref);
    if (page === undefined) return;
    page.labels[ref & PAGE_MASK] = undefined;
    page.live--;
    const full = (ref >>> PAGE_BITS) + 1 <= this.#next >>> PAGE_BITS;
    if (page.live === 0 && full) {
      this.#pages[ref >>> PAGE_BITS] = undefined;
      this.#pageCount--;
    }
  }

  /** Visits every living series. */
  forEach(visit: (ref: number, page: SeriesPage, slot: number) => void): void {
    for (const [index, page] of this.#pages.entries()) {
      if (page === undefined || page.live === 0) continue;
      for (let slot = 0; slot < PAGE_SERIES; slot++) {
        if (page.labels[slot] !== undefined) visit(index * PAGE_SERIES + slot, page, slot);
      }
    }
  }
}

export function slotOf(ref: number): number {
  return ref & PAGE_MASK;
}
