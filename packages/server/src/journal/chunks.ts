/** Rows of one tenant and day as a slice holds them, beside the journal that has them too: RowBinary, and where each row begins in it. */
export interface RowChunk {
  readonly tenant: string;
  /** Days since the Unix epoch. */
  readonly day: number;
  readonly rows: number;
  readonly payload: Uint8Array;
  readonly offsets: Uint32Array;
}

/** Collects the rows of one day. */
interface ChunkWriter<Chunk> {
  readonly rows: number;
  readonly bytes: number;
  /** The rows so far; the writer starts anew. */
  take(): Chunk;
}

/** A frame must fit one insert with room to spare. */
const ROWS_PER_CHUNK = 50_000;
const BYTES_PER_CHUNK = 4 * 2 ** 20;

/** The rows of one request: a writer for each day, whose rows become a chunk when they are many. */
export class DayChunks<Chunk, Writer extends ChunkWriter<Chunk>> {
  readonly #make: (day: number) => Writer;
  readonly #writers = new Map<number, Writer>();
  #chunks: Chunk[] = [];

  constructor(make: (day: number) => Writer) {
    this.#make = make;
  }

  /** Where the next row of that day goes; valid for one row. */
  writer(day: number): Writer {
    let writer = this.#writers.get(day);
    if (writer === undefined) this.#writers.set(day, (writer = this.#make(day)));
    else if (writer.rows >= ROWS_PER_CHUNK || writer.bytes >= BYTES_PER_CHUNK)
      this.#chunks.push(writer.take());
    return writer;
  }

  /** All rows since the last call. */
  take(): readonly Chunk[] {
    for (const writer of this.#writers.values()) if (writer.rows > 0) this.#chunks.push(writer.take());
    const chunks = this.#chunks;
    this.clear();
    return chunks;
  }

  clear(): void {
    this.#writers.clear();
    this.#chunks = [];
  }
}

type Column = Float64Array | Uint32Array | Uint8Array;

/** The values of a column in a larger one. */
export function grown<T extends Column>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** The rows of a chunk that are not dropped, in order. */
export function rowsBut(rows: number, dropped: ReadonlySet<number>): readonly number[] {
  const kept: number[] = [];
  for (let row = 0; row < rows; row++) if (!dropped.has(row)) kept.push(row);
  return kept;
}

/** Some rows of a chunk's payload. */
export function payloadOf({ rows, payload, offsets }: RowChunk, kept: readonly number[]) {
  const starts = new Uint32Array(kept.length);
  let size = 0;
  const parts = kept.map((row, i) => {
    const part = payload.subarray(offsets[row], row + 1 < rows ? offsets[row + 1] : payload.length);
    starts[i] = size;
    size += part.length;
    return part;
  });
  return { rows: kept.length, payload: Buffer.concat(parts, size), offsets: starts };
}

/** Some rows of a column with `width` values a row, written to `to`. */
export function columnOf<T extends Column>(column: T, kept: readonly number[], to: T): T {
  const width = kept.length === 0 ? 0 : to.length / kept.length;
  for (const [i, row] of kept.entries())
    for (let at = 0; at < width; at++) to[i * width + at] = column[row * width + at];
  return to;
}
