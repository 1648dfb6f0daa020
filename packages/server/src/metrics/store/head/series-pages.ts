import type { Labels } from '@pharos/promql';
import type { SeriesKey } from '../series-key.ts';

const PAGE_BITS = 10;
const PAGE_SERIES = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_SERIES - 1;

/** Bits of `kinds`. */
export const HISTOGRAMS = 1;
export const STARTS = 2;

/** Label pairs that a page has room for at first, for each of its series. */
const FIRST_PAIRS = 6;

/** What the head knows of 1,024 series in a row, one array per property; index `ref & 1023`. */
export class SeriesPage {
  live = 0;
  /** One more than the number of the series' tenant; 0: no such series. */
  readonly tenant = new Uint16Array(PAGE_SERIES);
  /** The series' label pairs, as numbers of its tenant's index: those of a slot lie from `pairsFrom[slot]` up to `pairsFrom[slot + 1]`. */
  pairs = new Uint32Array(0);
  readonly pairsFrom = new Uint32Array(PAGE_SERIES + 1);
  /** The label sets that somebody asked for lately (series-labels.ts). */
  labels: (Labels | undefined)[] | null = null;
  readonly metric = new Uint32Array(PAGE_SERIES);
  readonly low = new Uint32Array(PAGE_SERIES);
  readonly high = new Uint32Array(PAGE_SERIES);
  /** Oldest and newest sample the head ever held of the series, ms; infinite when none. */
  readonly firstTimestamp = new Float64Array(PAGE_SERIES).fill(Number.POSITIVE_INFINITY);
  readonly lastTimestamp = new Float64Array(PAGE_SERIES).fill(Number.NEGATIVE_INFINITY);
  /** Of the newest float. Of a series that has histograms too: of the open chunk's last one. */
  readonly lastValue = new Float64Array(PAGE_SERIES);
  /** What the series holds in memory besides plain floats: HISTOGRAMS, STARTS. */
  readonly kinds = new Uint8Array(PAGE_SERIES);
  /** Journal position of the newest write. */
  readonly position = new Float64Array(PAGE_SERIES);
  /** UTC days, first to last, whose series row is durable; -1: none. */
  readonly knownFrom = new Int32Array(PAGE_SERIES).fill(-1);
  readonly knownTo = new Int32Array(PAGE_SERIES).fill(-1);
  /** Scratch of the door rules: index of the newest sample accepted in the request with this number. */
  readonly request = new Uint32Array(PAGE_SERIES);
  readonly requestNewest = new Uint32Array(PAGE_SERIES);
  /** The open chunk (open-chunks.ts): samples not sealed yet, the first one's time, the usual distance and the newest one's from it in ms. */
  readonly openCount = new Uint8Array(PAGE_SERIES);
  readonly openBase = new Float64Array(PAGE_SERIES);
  readonly openStep = new Int32Array(PAGE_SERIES);
  readonly openLast = new Int32Array(PAGE_SERIES);
  /** 1 while every distance is the usual one, so that no time is stored. */
  readonly openRegular = new Uint8Array(PAGE_SERIES);
  /** Its bytes, and the first and the last of their blocks. */
  readonly openUsed = new Uint16Array(PAGE_SERIES);
  readonly openHead = new Uint32Array(PAGE_SERIES);
  readonly openTail = new Uint32Array(PAGE_SERIES);
  /** The newest sealed chunk; slab -1: none. */
  readonly chunkSlab = new Int32Array(PAGE_SERIES).fill(-1);
  readonly chunkOffset = new Int32Array(PAGE_SERIES);

  keyAt(slot: number): SeriesKey {
    return { metric: this.metric[slot], low: this.low[slot], high: this.high[slot] };
  }
}

/** Bytes of one page's arrays, without its label pairs. */
const PAGE_BYTES = PAGE_SERIES * (2 + 4 + 12 + 8 * 3 + 1 + 8 + 4 * 4 + (1 + 8 + 4 + 4 + 1 + 2 + 4 + 4) + 8);

/** What a new series is. */
interface NewSeries {
  /** The number of its tenant. */
  readonly tenant: number;
  readonly key: SeriesKey;
  /** Its label pairs as numbers, in the order of their names. */
  readonly pairs: readonly number[];
}

/**
 * All series by ref. Refs rise and are never reused; a page whose series are all gone is dropped, so memory
 * follows the living.
 */
export class SeriesPages {
  readonly #pages: (SeriesPage | undefined)[] = [];
  #next = 1;
  #pageCount = 0;
  #pairBytes = 0;

  get bytes(): number {
    return this.#pageCount * PAGE_BYTES + this.#pairBytes;
  }

  /** One more than the highest ref given out. */
  get end(): number {
    return this.#next;
  }

  /** The page of a living series, or undefined. */
  pageOf(ref: number): SeriesPage | undefined {
    const page = this.#pages[ref >>> PAGE_BITS];
    return page === undefined || page.tenant[ref & PAGE_MASK] === 0 ? undefined : page;
  }

  add({ tenant, key, pairs }: NewSeries): number {
    const ref = this.#next++;
    const page = this.#pageFor(ref);
    const slot = ref & PAGE_MASK;
    this.#keepPairs(page, slot, pairs);
    page.tenant[slot] = tenant + 1;
    page.metric[slot] = key.metric;
    page.low[slot] = key.low;
    page.high[slot] = key.high;
    page.live++;
    return ref;
  }

  remove(ref: number): void {
    const page = this.pageOf(ref);
    if (page === undefined) return;
    page.tenant[ref & PAGE_MASK] = 0;
    page.live--;
    const full = (ref >>> PAGE_BITS) + 1 <= this.#next >>> PAGE_BITS;
    if (page.live === 0 && full) {
      this.#pages[ref >>> PAGE_BITS] = undefined;
      this.#pageCount--;
      this.#pairBytes -= page.pairs.byteLength;
    }
  }

  /** Visits every living series. */
  forEach(visit: (ref: number, page: SeriesPage, slot: number) => void): void {
    for (const [index, page] of this.#pages.entries()) {
      if (page === undefined || page.live === 0) continue;
      for (let slot = 0; slot < PAGE_SERIES; slot++) {
        if (page.tenant[slot] !== 0) visit(index * PAGE_SERIES + slot, page, slot);
      }
    }
  }

  #pageFor(ref: number): SeriesPage {
    const index = ref >>> PAGE_BITS;
    let page = this.#pages[index];
    if (page === undefined) {
      page = new SeriesPage();
      this.#pages[index] = page;
      this.#pageCount++;
    }
    return page;
  }

  #keepPairs(page: SeriesPage, slot: number, pairs: readonly number[]): void {
    const from = page.pairsFrom[slot];
    const end = from + pairs.length;
    if (end > page.pairs.length || slot === PAGE_MASK) {
      // The last series of a page is the end of its growth.
      const room = Math.max(end, page.pairs.length + (page.pairs.length >> 1), PAGE_SERIES * FIRST_PAIRS);
      const grown = new Uint32Array(slot === PAGE_MASK ? end : room);
      grown.set(page.pairs.subarray(0, from));
      this.#pairBytes += grown.byteLength - page.pairs.byteLength;
      page.pairs = grown;
    }
    page.pairs.set(pairs, from);
    page.pairsFrom[slot + 1] = end;
  }
}

export function slotOf(ref: number): number {
  return ref & PAGE_MASK;
}
