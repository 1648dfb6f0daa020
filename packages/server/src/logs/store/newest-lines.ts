import { type LineChunk, readRow } from './chunk.ts';
import type { MemoryLine } from './memory-search.ts';
import { comparePlaces, type LinePlace, placeOf } from './query.ts';
import type { TimeWindow } from './stream-catalogue.ts';

/** An idle server gives them back; shorter than any time for which lines are stored. */
const KEPT_MS = 3_600_000;
/** Of a chunk's columns beside its rows, per row: offset, time, stream, id, level. */
const COLUMN_BYTES = 33;
/** Of its objects, however few its rows. */
const CHUNK_BYTES = 1500;

interface Kept {
  readonly chunk: LineChunk;
  readonly bytes: number;
  readonly until: number;
}

/** Lines in memory, and from when on they are all that there are. */
export interface NewestInMemory {
  /** In any order; a line may be there twice. */
  readonly chunks: readonly LineChunk[];
  /** Epoch ms: every acknowledged line of the tenant that is not older is in `chunks`. */
  readonly since: number;
}

/**
 * The newest of the lines that the engine has, kept for those who ask for the last lines: nothing is read for what was in memory a moment
 * ago. The first that came go first, as room is needed. What comes late is kept like all else, or not at all where it is older than what
 * has gone.
 */
export class NewestLines {
  readonly #mostBytes: number;
  /** As they came. */
  #kept: Kept[] = [];
  #bytes = 0;
  /** Epoch ms that lines of an earlier process come before; until that is known, nothing is known to be whole. */
  #start = Number.POSITIVE_INFINITY;
  /** Epoch ms that all lines come before that have gone. */
  #goneBefore = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** No line that is stored already is this new, in epoch ms; those that are not stored yet will be told of. */
  startAt(ms: number): void {
    this.#start = ms;
  }

  /** Takes what the engine has now, at a time of a clock that is never set. */
  add(chunks: readonly LineChunk[], now: number): void {
    for (const chunk of chunks) {
      const bytes = CHUNK_BYTES + chunk.payload.buffer.byteLength + chunk.rows * COLUMN_BYTES;
      this.#kept.push({ chunk, bytes, until: now + KEPT_MS });
      this.#bytes += bytes;
    }
    this.forget(now);
  }

  /** Lets go of what has no room or is kept for long enough. */
  forget(now: number): void {
    let gone = 0;
    for (const { chunk, bytes, until } of this.#kept) {
      if (until > now && this.#bytes <= this.#mostBytes) break;
      gone++;
      this.#bytes -= bytes;
      this.#goneBefore = Math.max(this.#goneBefore, newestOf(chunk) + 1);
    }
    if (gone > 0) this.#kept = this.#kept.slice(gone);
  }

  /** Together with what waits for the engine. */
  with(tenant: string, pending: readonly LineChunk[]): NewestInMemory {
    const chunks = this.#kept.flatMap(({ chunk }) => (chunk.tenant === tenant ? [chunk] : []));
    return { chunks: [...chunks, ...pending], since: Math.max(this.#start, this.#goneBefore) };
  }
}

function newestOf({ ms }: LineChunk): number {
  let newest = 0;
  for (const time of ms) if (time > newest) newest = time;
  return newest;
}

export interface NewestQuery {
  readonly window: TimeWindow;
  readonly limit: number;
  /** Only what comes after this place, newest first. */
  readonly after?: LinePlace | undefined;
  /** Whether the lines of a row's stream count; asked once for rows of one stream that follow each other. */
  readonly ofStream: (chunk: LineChunk, row: number) => boolean;
  /** Whether a line's level counts, by its rank. */
  readonly ofLevel?: ((rank: number) => boolean) | undefined;
}

/** The newest lines of a query, newest first. */
export interface NewestAnswer {
  readonly lines: readonly MemoryLine[];
  /** Nanoseconds: the query has no other line from here on. */
  readonly from: bigint;
}

const MS = 1_000_000n;
/** Rows looked at between breaths, a few ms. */
const SLICE = 100_000;
/** So many more than are wanted: some may be there twice, or stand at the edge of the window. */
const SPARE = 16;

/**
 * What memory knows for certain of the newest lines of a query: at least as many as its limit, or all that are not older than what is in
 * memory as a whole. Null where that is nothing.
 */
export async function newestLines(
  { chunks, since }: NewestInMemory,
  query: NewestQuery,
  breathe: () => Promise<void>,
): Promise<NewestAnswer | null> {
  const { window, limit, after } = query;
  if (!Number.isFinite(since)) return null;
  const whole = BigInt(since) * MS;
  const from = whole > window.from ? whole : window.from;
  if (from >= window.to) return null;
  const newest = new NewestRows(query, Number(from / MS), Number((window.to - 1n) / MS));
  let budget = SLICE;
  // What came last is newest as a rule: of the chunks before it most rows need only a look at their time.
  for (let at = chunks.length - 1; at >= 0; at--) {
    const chunk = chunks[at];
    if (chunk === undefined) continue;
    newest.look(chunk);
    budget -= chunk.rows;
    if (budget > 0) continue;
    budget = SLICE;
    await breathe();
  }
  const { rows, fromMs } = newest.take();
  const certain = BigInt(fromMs) * MS;
  const lines = rows
    .map(({ chunk, row }) => ({ chunk, row, place: placeOf(chunk, row) }))
    .filter(
      ({ place }) =>
        place.time >= from &&
        place.time < window.to &&
        (after === undefined || comparePlaces(place, after) < 0),
    )
    .sort((a, b) => comparePlaces(b.place, a.place))
    .filter(({ place }, i, all) => {
      const before = all[i - 1];
      return before === undefined || comparePlaces(before.place, place) !== 0;
    })
    .map(({ chunk, row, place }): MemoryLine => ({ ...readRow(chunk, row), place }));
  const isAll = certain <= from;
  // More fell out than there were spare ones, and those behind them were let go.
  if (!isAll && lines.length < limit) return null;
  return { lines, from: isAll ? from : certain };
}

interface RowAt {
  readonly chunk: LineChunk;
  readonly row: number;
  readonly ms: number;
}

/** Of so many rows as are wanted the newest, with all others of the oldest one's millisecond. */
class NewestRows {
  readonly #query: NewestQuery;
  readonly #lastMs: number;
  readonly #wanted: number;
  /** Older ones are not wanted. */
  #fromMs: number;
  #rows: RowAt[] = [];
  #most: number;

  constructor(query: NewestQuery, fromMs: number, lastMs: number) {
    this.#query = query;
    this.#fromMs = fromMs;
    this.#lastMs = lastMs;
    this.#wanted = query.limit + SPARE;
    this.#most = this.#wanted * 4;
  }

  look(chunk: LineChunk): void {
    const { ofStream, ofLevel } = this.#query;
    const { ms, streams, levels } = chunk;
    let [low, high] = [0, 0];
    let isWanted: boolean | undefined;
    for (let row = chunk.rows - 1; row >= 0; row--) {
      const time = ms[row];
      if (time < this.#fromMs || time > this.#lastMs) continue;
      if (ofLevel?.(levels[row]) === false) continue;
      if (isWanted === undefined || streams[row * 2] !== low || streams[row * 2 + 1] !== high) {
        low = streams[row * 2];
        high = streams[row * 2 + 1];
        isWanted = ofStream(chunk, row);
      }
      if (!isWanted) continue;
      this.#rows.push({ chunk, row, ms: time });
      if (this.#rows.length >= this.#most) this.#cut();
    }
  }

  take(): { readonly rows: readonly RowAt[]; readonly fromMs: number } {
    this.#cut();
    return { rows: this.#rows, fromMs: this.#fromMs };
  }

  #cut(): void {
    const last = this.#rows.sort((a, b) => b.ms - a.ms)[this.#wanted - 1];
    if (last === undefined) return;
    this.#fromMs = last.ms;
    const end = this.#rows.findIndex(({ ms }) => ms < last.ms);
    if (end !== -1) this.#rows = this.#rows.slice(0, end);
    // However many share one time.
    this.#most = Math.max(this.#wanted * 4, this.#rows.length * 2);
  }
}
