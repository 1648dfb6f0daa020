import type { Labels } from '@pharos/promql';
import { type LineChunk, type RowLine, readRow } from './chunk.ts';
import type { MemoryLine } from './memory-search.ts';
import { placeOf } from './query.ts';
import type { TimeWindow } from './stream-catalogue.ts';

/** Rows looked at between breaths, and rows put in order at once: a few ms. */
const SLICE = 10_000;
/** Windows that lines in memory are counted in one by one: each is a question of its own. */
const MOST_PIECES = 16;

interface Bucket {
  readonly chunks: number[];
  readonly rows: number[];
}

/** The acknowledged lines of some streams and a window that were in memory when a query began, handed out in order of time. */
export class RecentRows {
  readonly #chunks: readonly LineChunk[];
  readonly #sign: number;
  /** In the query's direction; each bucket's times lie before those of the next. */
  readonly #buckets: { readonly edge: number; readonly bucket: Bucket }[];
  /** Put in order, not handed out yet. */
  #ready: MemoryLine[] = [];
  readonly #base: bigint;
  /** A few windows that hold all of the lines, in order of time; overlapping none. */
  readonly pieces: readonly TimeWindow[];

  private constructor(parts: {
    readonly chunks: readonly LineChunk[];
    readonly sign: number;
    readonly buckets: { readonly edge: number; readonly bucket: Bucket }[];
    readonly base: bigint;
    readonly pieces: readonly TimeWindow[];
  }) {
    this.#chunks = parts.chunks;
    this.#sign = parts.sign;
    this.#buckets = parts.buckets;
    this.#base = parts.base;
    this.pieces = parts.pieces;
  }

  static async of(
    chunks: readonly LineChunk[],
    streams: ReadonlyMap<bigint, Labels>,
    window: TimeWindow,
    options: { readonly backward: boolean; readonly breathe: () => Promise<void> },
  ): Promise<RecentRows> {
    const { backward, breathe } = options;
    const sign = backward ? -1 : 1;
    const found = await matchingRows(chunks, new StreamWords(streams), window, breathe);
    const { base, offsets } = found;
    const keys = backward ? offsets.map((offset) => -offset) : offsets;
    const sorted = keys.slice().sort();
    const edges = edgesOf(sorted);
    const buckets = edges.map((edge) => ({ edge, bucket: { chunks: [], rows: [] } as Bucket }));
    for (let i = 0; i < keys.length; i++) {
      const bucket = buckets[lastAtMost(edges, keys[i] ?? 0)]?.bucket;
      bucket?.chunks.push(found.chunks[i] ?? 0);
      bucket?.rows.push(found.rows[i] ?? 0);
      if (i % SLICE === SLICE - 1) await breathe();
    }
    const pieces = piecesOf(backward ? sorted.map((key) => -key).reverse() : sorted, base);
    return new RecentRows({ chunks, sign, buckets, base, pieces });
  }

  get isEmpty(): boolean {
    return this.#ready.length === 0 && this.#buckets.length === 0;
  }

  /** The next lines up to and with a time; without one, the next that are at hand, all of one time together. Empty at the end. */
  take(upTo: bigint | undefined): readonly MemoryLine[] {
    if (upTo === undefined) {
      if (this.#ready.length === 0) this.#prepare();
      return this.#ready.splice(0);
    }
    const limit = this.#sign * Number(upTo - this.#base);
    while ((this.#buckets[0]?.edge ?? Number.POSITIVE_INFINITY) <= limit) this.#prepare();
    const end = this.#ready.findIndex(({ place }) =>
      this.#sign === 1 ? place.time > upTo : place.time < upTo,
    );
    return this.#ready.splice(0, end === -1 ? this.#ready.length : end);
  }

  #prepare(): void {
    const next = this.#buckets.shift();
    if (next === undefined) return;
    const lines = next.bucket.chunks.map((at, i): MemoryLine => {
      const chunk = this.#chunk(at);
      const row = next.bucket.rows[i] ?? 0;
      const line: RowLine = readRow(chunk, row);
      return { ...line, place: placeOf(chunk, row) };
    });
    const sign = this.#sign;
    lines.sort((a, b) => (a.place.time === b.place.time ? 0 : a.place.time < b.place.time ? -sign : sign));
    this.#ready = this.#ready.length === 0 ? lines : this.#ready.concat(lines);
  }

  #chunk(at: number): LineChunk {
    const chunk = this.#chunks[at];
    if (chunk === undefined) throw new RangeError(`there is no chunk ${at}`);
    return chunk;
  }
}

interface Found {
  readonly chunks: readonly number[];
  readonly rows: readonly number[];
  /** ns from `base`: exact up to a hundred days, and in order beyond. */
  readonly offsets: Float64Array;
  readonly base: bigint;
}

async function matchingRows(
  all: readonly LineChunk[],
  wanted: StreamWords,
  { from, to }: TimeWindow,
  breathe: () => Promise<void>,
): Promise<Found> {
  const chunks: number[] = [];
  const rows: number[] = [];
  const offsets: number[] = [];
  const fromMs = Number(from / 1_000_000n);
  const toMs = Number(to / 1_000_000n);
  const baseMs = all[0]?.ms[0] ?? 0;
  let budget = SLICE;
  for (const [at, chunk] of all.entries())
    for (let row = 0; row < chunk.rows; row++) {
      if (--budget <= 0) {
        budget = SLICE;
        await breathe();
      }
      const ms = chunk.ms[row];
      if (ms < fromMs || ms > toMs) continue;
      if (!wanted.has(chunk.streams[row * 2], chunk.streams[row * 2 + 1])) continue;
      // Only at the ends does the fraction of a millisecond decide.
      if ((ms === fromMs || ms === toMs) && !isWithin(placeOf(chunk, row).time, { from, to })) continue;
      chunks.push(at);
      rows.push(row);
      offsets.push((ms - baseMs) * 1e6 + chunk.nanos[row]);
    }
  return { chunks, rows, offsets: Float64Array.from(offsets), base: BigInt(baseMs) * 1_000_000n };
}

function isWithin(time: bigint, { from, to }: TimeWindow): boolean {
  return time >= from && time < to;
}

/** Whole numbers are exact up to here; the offset of a time beyond it is off by less than {@link INEXACT}. */
const EXACT = Number.MAX_SAFE_INTEGER;
const INEXACT = 2048;

/** A few windows with all of the times, parted where they lie furthest apart; of offsets from `base`, ascending. */
function piecesOf(offsets: Float64Array, base: bigint): readonly TimeWindow[] {
  const first = offsets[0];
  if (first === undefined) return [];
  /** Where a piece begins, the widest gap before it first. */
  const gaps: { readonly at: number; readonly width: number }[] = [];
  for (let at = 1; at < offsets.length; at++) {
    const width = offsets[at] - offsets[at - 1];
    // Pieces must not overlap: a line would count twice.
    if (width <= 2 * INEXACT || (gaps.length === MOST_PIECES - 1 && width <= (gaps.at(-1)?.width ?? 0)))
      continue;
    if (gaps.length === MOST_PIECES - 1) gaps.pop();
    const before = gaps.findIndex((gap) => gap.width < width);
    gaps.splice(before === -1 ? gaps.length : before, 0, { at, width });
  }
  const begins = [0, ...gaps.map(({ at }) => at).sort((a, b) => a - b)];
  return begins.map((at, i) => {
    const [from, to] = [offsets[at], offsets[(begins[i + 1] ?? offsets.length) - 1]];
    return { from: timeOf(base, from, -INEXACT), to: timeOf(base, to, INEXACT) + 1n };
  });
}

function timeOf(base: bigint, offset: number, off: number): bigint {
  return base + BigInt(offset) + (Math.abs(offset) > EXACT ? BigInt(off) : 0n);
}

/** Where buckets begin, ascending: every so many keys, but never between equal ones. */
function edgesOf(sorted: Float64Array): readonly number[] {
  const edges: number[] = [];
  for (let at = 0; at < sorted.length; at += SLICE) {
    const edge = sorted[at] ?? 0;
    if (edges.at(-1) !== edge) edges.push(edge);
  }
  return edges;
}

function lastAtMost(edges: readonly number[], key: number): number {
  let low = 0;
  let high = edges.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((edges[middle] ?? 0) <= key) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Stream ids as the two words that chunks keep them in. */
export class StreamWords {
  readonly #highs = new Map<number, Set<number>>();

  constructor(streams: ReadonlyMap<bigint, Labels>) {
    for (const id of streams.keys()) {
      const low = Number(id & 0xffffffffn);
      const high = Number(id >> 32n);
      const known = this.#highs.get(low);
      if (known === undefined) this.#highs.set(low, new Set([high]));
      else known.add(high);
    }
  }

  has(low: number, high: number): boolean {
    return this.#highs.get(low)?.has(high) === true;
  }
}
