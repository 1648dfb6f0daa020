import { RowBinaryReader, RowBinaryWriter } from '../../engine/index.ts';
import { columnOf, type Frame, grown, payloadOf, type RowChunk, rowsBut } from '../../journal/index.ts';
import type { LineIds } from '../ids.ts';
import { levelRank } from '../level.ts';
import { logsTable } from '../tables.ts';
import { type LogTime, timeOfNanos, timeWords } from '../time.ts';
import type { Words } from './hasher.ts';

const SCHEMA = 1;
const FIRST_ROWS = 64;

/** What is written of one line besides its message. */
export interface LineFields {
  readonly time: LogTime;
  readonly stream: Words;
  readonly id: Words;
  readonly service: string;
  readonly level: string;
  readonly ids: LineIds;
  /** Flat: name, value, name, value… */
  readonly metadata: readonly string[];
}

/** A line read back. */
export interface RowLine {
  readonly service: string;
  readonly level: string;
  readonly trace: string;
  readonly span: string;
  readonly request: string;
  readonly message: string;
  readonly metadata: readonly string[];
}

/**
 * The lines of one tenant and day: their rows in RowBinary, as journal and engine take them, and beside them what a search looks at
 * first. Times as whole milliseconds and the nanoseconds after them.
 */
export interface LineChunk extends RowChunk {
  readonly ms: Float64Array;
  readonly nanos: Uint32Array;
  /** Stream, and hash of message and metadata, of each row: low, high, low, high. */
  readonly streams: Uint32Array;
  readonly ids: Uint32Array;
  /** Of each row, {@link levelRank}. */
  readonly levels: Uint8Array;
}

/** Collects the lines of one day. */
export class ChunkWriter {
  readonly #tenant: string;
  readonly #day: number;
  readonly #writer: RowBinaryWriter;
  #rows = 0;
  #offsets = new Uint32Array(FIRST_ROWS);
  #ms = new Float64Array(FIRST_ROWS);
  #nanos = new Uint32Array(FIRST_ROWS);
  #streams = new Uint32Array(FIRST_ROWS * 2);
  #ids = new Uint32Array(FIRST_ROWS * 2);
  #levels = new Uint8Array(FIRST_ROWS);

  /** @param writer this one's alone until all rows are taken. */
  constructor(tenant: string, day: number, writer = new RowBinaryWriter()) {
    this.#tenant = tenant;
    this.#day = day;
    this.#writer = writer;
  }

  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return this.#writer.size;
  }

  add({ time, stream, id, service, level, ids, metadata }: LineFields, message: Uint8Array): void {
    if (this.#rows === this.#ms.length) this.#grow();
    const row = this.#rows++;
    const writer = this.#writer;
    this.#offsets[row] = writer.size;
    this.#ms[row] = time.ms;
    this.#nanos[row] = time.nanos;
    this.#streams[row * 2] = stream.low;
    this.#streams[row * 2 + 1] = stream.high;
    this.#ids[row * 2] = id.low;
    this.#ids[row * 2 + 1] = id.high;
    this.#levels[row] = levelRank(level);
    const words = timeWords(time);
    writer.string(this.#tenant);
    writer.uint64(words.low, words.high);
    writer.uint64(stream.low, stream.high);
    writer.uint64(id.low, id.high);
    writer.string(service);
    writer.string(level);
    writer.string(ids.trace);
    writer.string(ids.span);
    writer.string(ids.request);
    writer.bytes(message);
    writer.varUint(metadata.length / 2);
    for (const text of metadata) writer.string(text);
    writer.endRow();
  }

  take(): LineChunk {
    const rows = this.#rows;
    const { payload } = this.#writer.take();
    this.#rows = 0;
    return {
      tenant: this.#tenant,
      day: this.#day,
      rows,
      payload,
      offsets: this.#offsets.slice(0, rows),
      ms: this.#ms.slice(0, rows),
      nanos: this.#nanos.slice(0, rows),
      streams: this.#streams.slice(0, rows * 2),
      ids: this.#ids.slice(0, rows * 2),
      levels: this.#levels.slice(0, rows),
    };
  }

  #grow(): void {
    const size = this.#ms.length * 2;
    this.#offsets = grown(this.#offsets, new Uint32Array(size));
    this.#ms = grown(this.#ms, new Float64Array(size));
    this.#nanos = grown(this.#nanos, new Uint32Array(size));
    this.#streams = grown(this.#streams, new Uint32Array(size * 2));
    this.#ids = grown(this.#ids, new Uint32Array(size * 2));
    this.#levels = grown(this.#levels, new Uint8Array(size));
  }
}

export function frameOf({ tenant, day, rows, payload }: LineChunk): Frame {
  return { table: logsTable.name, schemaVersion: SCHEMA, tenant, day, rows, payload };
}

/** The chunk without some of its rows. */
export function without(chunk: LineChunk, dropped: ReadonlySet<number>): LineChunk {
  const kept = rowsBut(chunk.rows, dropped);
  const words = (): Uint32Array => new Uint32Array(kept.length * 2);
  return {
    ...chunk,
    ...payloadOf(chunk, kept),
    ms: columnOf(chunk.ms, kept, new Float64Array(kept.length)),
    nanos: columnOf(chunk.nanos, kept, new Uint32Array(kept.length)),
    streams: columnOf(chunk.streams, kept, words()),
    ids: columnOf(chunk.ids, kept, words()),
    levels: columnOf(chunk.levels, kept, new Uint8Array(kept.length)),
  };
}

/** The rows of a stream. */
export function rowsOfStream({ rows, streams }: LineChunk, low: number, high: number): ReadonlySet<number> {
  const found = new Set<number>();
  for (let row = 0; row < rows; row++)
    if (streams[row * 2] === low && streams[row * 2 + 1] === high) found.add(row);
  return found;
}

/** One row's texts. */
export function readRow(chunk: LineChunk, row: number): RowLine {
  const reader = new RowBinaryReader(chunk.payload.subarray(chunk.offsets[row]));
  reader.skipString();
  reader.skip(24);
  return readTexts(reader);
}

/** One row's service. */
export function readService(chunk: LineChunk, row: number): string {
  const reader = new RowBinaryReader(chunk.payload.subarray(chunk.offsets[row]));
  reader.skipString();
  reader.skip(24);
  return reader.string();
}

function readTexts(reader: RowBinaryReader): RowLine {
  const line = {
    service: reader.string(),
    level: reader.string(),
    trace: reader.string(),
    span: reader.string(),
    request: reader.string(),
    message: reader.string(),
  };
  const metadata: string[] = [];
  for (let left = reader.varUint() * 2; left > 0; left--) metadata.push(reader.string());
  return { ...line, metadata };
}

/** A frame of the journal as a chunk again; its payload is copied. */
export function chunkOf(frame: Frame): LineChunk {
  const payload = frame.payload.slice();
  const { rows } = frame;
  const offsets = new Uint32Array(rows);
  const ms = new Float64Array(rows);
  const nanos = new Uint32Array(rows);
  const streams = new Uint32Array(rows * 2);
  const ids = new Uint32Array(rows * 2);
  const levels = new Uint8Array(rows);
  const reader = new RowBinaryReader(payload);
  for (let row = 0; row < rows; row++) {
    offsets[row] = reader.at;
    reader.skipString();
    const low = reader.uint32();
    const time = timeOfNanos((BigInt(reader.uint32()) << 32n) | BigInt(low));
    ms[row] = time.ms;
    nanos[row] = time.nanos;
    streams[row * 2] = reader.uint32();
    streams[row * 2 + 1] = reader.uint32();
    ids[row * 2] = reader.uint32();
    ids[row * 2 + 1] = reader.uint32();
    reader.skipString();
    levels[row] = levelRank(reader.string());
    for (let texts = 4; texts > 0; texts--) reader.skipString();
    for (let left = reader.varUint() * 2; left > 0; left--) reader.skipString();
  }
  return { tenant: frame.tenant, day: frame.day, rows, payload, offsets, ms, nanos, streams, ids, levels };
}
