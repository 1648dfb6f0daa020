import type { Labels } from '@pharos/promql';
import { type LineChunk, type RowLine, readRow } from './chunk.ts';
import type { MemoryLine } from './memory-search.ts';
import { placeOf } from './query.ts';
import type { TimeWindow } from './stream-catalogue.ts';

/** Rows looked at between breaths, and rows put in order at once: a few ms. */
const SLICE = 10_000;

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

  private constructor(parts: {
    readonly chunks: readonly LineChunk[];
    readonly sign: number;
    readonly buckets: { readonly edge: number; readonly bucket: Bucket }[];
    readonly base: bigint;
  }) {
    this.#chunks = parts.chunks;
    this.#sign = parts.sign;
    this.#buckets = parts.buckets;
    this.#base = parts.base;
  }

  static async of(
    chunks: readonly LineChunk[],
    streams: ReadonlyMap<bigint, Labels>,
    window: TimeWindow,
    options: { readonly backward: boolean; readonly breathe: () => Promise<void> },
  ): Promise<RecentRows> {
    const wanted = new StreamWords(streams);
    const chunkOf: number[] = [];
    const rowOf: number[] = [];
    const times: bigint[] = [];
    let budget = SLICE;
    const fromMs = Number(window.from / 1_000_000n);
    const toMs = Number(window.to / 1_000_000n);
    for (const [at, chunk] of chunks.entries())
      for (let row = 0; row < chunk.rows; row++) {
        if (--budget <= 0) {
          budget = SLICE;
          await options.breathe();
        }
        if (chunk.ms[row] < fromMs || chunk.ms[row] > toMs) continue;
        if (!wanted.has(chunk.streams[row * 2], chunk.streams[row * 2 + 1])) continue;
        const time = BigInt(chunk.ms[row]) * 1_000_000n + BigInt(chunk.nanos[row]);
        if (time < window.from || time >= window.to) continue;
        chunkOf.push(at);
        rowOf.push(row);
        times.push(time);
      }
    const base = times.reduce((least, time) => (time < least ? time : least), window.to);
    const sign = options.backward ? -1 : 1;
    // Whole ns of up to a hundred days fit; beyond, neighbours may share a bucket's edge, which changes nothing.
    const keys = Float64Array.from(times, (time) => sign * Number(time - base));
    const edges = edgesOf(keys);
    const buckets = edges.map((edge) => ({ edge, bucket: { chunks: [], rows: [] } as Bucket }));
    for (const [i, key] of keys.entries()) {
      const { bucket } = buckets[lastAtMost(edges, key)] ?? { bucket: undefined };
      bucket?.chunks.push(chunkOf[i] ?? 0);
      bucket?.rows.push(rowOf[i] ?? 0);
    }
    return new RecentRows({ chunks, sign, buckets, base });
  }

  get isEmpty(): boolean {
    return this.#ready.length === 0 && this.#buckets.length === 0;
  }

  /** The times of the lines, roughly: where each bucket begins and ends. */
  times(): readonly bigint[] {
    return this.#buckets.flatMap(({ bucket }) => {
      let least: bigint | undefined;
      let most: bigint | undefined;
      for (const [i, at] of bucket.chunks.entries()) {
        const { time } = placeOf(this.#chunk(at), bucket.rows[i] ?? 0);
        if (least === undefined || time < least) least = time;
        if (most === undefined || time > most) most = time;
      }
      return least === undefined || most === undefined ? [] : [least, most];
    });
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

/** Where buckets begin, ascending: every so many keys, but never between equal ones. */
function edgesOf(keys: Float64Array): readonly number[] {
  const sorted = keys.slice().sort();
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
class StreamWords {
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
