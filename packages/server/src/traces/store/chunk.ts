import { RowBinaryReader, RowBinaryWriter } from '../../engine/index.ts';
import { columnOf, type Frame, grown, payloadOf, type RowChunk, rowsBut } from '../../journal/index.ts';
import { IdentityMixer, textSeed } from '../../kernel/identities.ts';
import { nanosToMillis } from '../../kernel/wire/protobuf.ts';
import { attributesOf } from '../attributes.ts';
import { ID_OFFSET, type SpanDraft, STATUS } from '../sink.ts';
import { spansTable } from '../tables.ts';
import type { SpanOutline, StoredSpan } from './span.ts';

const SCHEMA = 1;
const FIRST_ROWS = 64;
/** Words of a row's ids: four of the trace, two of the span. */
const ID_WORDS = 6;

/** Bytes of the columns beside a row's payload. */
export const COLUMN_BYTES = 4 + 8 + 8 + ID_WORDS * 4 + 1;

/** The spans of one tenant and day: their rows in RowBinary, as journal and engine take them, and what a search looks at first. */
export interface SpanChunk extends RowChunk {
  /** Start in ms since the epoch. */
  readonly ms: Float64Array;
  /** Nanoseconds. */
  readonly durations: Float64Array;
  /** Trace id (4 words) and span id (2), little-endian words of the bytes. */
  readonly ids: Uint32Array;
  readonly kinds: Uint8Array;
}

/** What is written of a span besides its draft. */
export interface SpanOrigin {
  readonly low: number;
  readonly high: number;
  /** Canonical. */
  readonly service: string;
}

/** Collects the spans of one day. */
export class ChunkWriter {
  readonly #tenant: string;
  readonly #day: number;
  readonly #writer = new RowBinaryWriter();
  #rows = 0;
  #offsets = new Uint32Array(FIRST_ROWS);
  #ms = new Float64Array(FIRST_ROWS);
  #durations = new Float64Array(FIRST_ROWS);
  #ids = new Uint32Array(FIRST_ROWS * ID_WORDS);
  #kinds = new Uint8Array(FIRST_ROWS);

  constructor(tenant: string, day: number) {
    this.#tenant = tenant;
    this.#day = day;
  }

  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return this.#writer.size;
  }

  add(span: SpanDraft, { low, high, service }: SpanOrigin, duration: number): void {
    if (this.#rows === this.#ms.length) this.#grow();
    const row = this.#rows++;
    const writer = this.#writer;
    this.#offsets[row] = writer.size;
    this.#ms[row] = nanosToMillis(span.startHigh, span.startLow);
    this.#durations[row] = duration;
    idWords(span.ids, 0, this.#ids, row);
    this.#kinds[row] = span.kind;
    writer.string(this.#tenant);
    writer.uint64(span.startLow, span.startHigh);
    writer.fixed(span.ids);
    writer.uint8(span.kind);
    writer.uint64(low, high);
    writer.string(service);
    writer.string(span.name);
    writer.uint8(span.status);
    writer.bool(span.status === STATUS.error || span.attributes.saysError);
    writer.int64(duration);
    writer.string(span.statusMessage);
    writer.string(span.traceState);
    writer.uint32(span.flags);
    writer.varUint(span.attributes.count);
    writer.fixed(span.attributes.pairs.bytes);
    writer.bytes(span.attributes.types.bytes);
    writer.bytes(span.events.bytes);
    writer.bytes(span.links.bytes);
    writer.endRow();
  }

  take(): SpanChunk {
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
      durations: this.#durations.slice(0, rows),
      ids: this.#ids.slice(0, rows * ID_WORDS),
      kinds: this.#kinds.slice(0, rows),
    };
  }

  #grow(): void {
    const size = this.#ms.length * 2;
    this.#offsets = grown(this.#offsets, new Uint32Array(size));
    this.#ms = grown(this.#ms, new Float64Array(size));
    this.#durations = grown(this.#durations, new Float64Array(size));
    this.#ids = grown(this.#ids, new Uint32Array(size * ID_WORDS));
    this.#kinds = grown(this.#kinds, new Uint8Array(size));
  }
}

function idWords(bytes: Uint8Array, at: number, into: Uint32Array, row: number): void {
  for (let word = 0; word < ID_WORDS; word++) {
    const from = at + word * 4;
    into[row * ID_WORDS + word] =
      bytes[from] | (bytes[from + 1] << 8) | (bytes[from + 2] << 16) | (bytes[from + 3] << 24);
  }
}

export function frameOf({ tenant, day, rows, payload }: SpanChunk): Frame {
  return { table: spansTable.name, schemaVersion: SCHEMA, tenant, day, rows, payload };
}

const mixer = new IdentityMixer();

/** Tenant, trace id, span id and kind of each row in 64 bits: the kind tells the two sides of a span that Zipkin shares. */
export function identitiesOf({
  tenant,
  rows,
  ids,
  kinds,
}: Pick<SpanChunk, 'tenant' | 'rows' | 'ids' | 'kinds'>) {
  const seed = textSeed(tenant);
  const words = new Uint32Array(rows * 2);
  for (let row = 0; row < rows; row++) {
    mixer.begin(seed).add(kinds[row]);
    for (let word = 0; word < ID_WORDS; word++) mixer.add(ids[row * ID_WORDS + word]);
    mixer.into(words, row);
  }
  return words;
}

/** The chunk without some of its rows. */
export function without(chunk: SpanChunk, dropped: ReadonlySet<number>): SpanChunk {
  const kept = rowsBut(chunk.rows, dropped);
  return {
    ...chunk,
    ...payloadOf(chunk, kept),
    ms: columnOf(chunk.ms, kept, new Float64Array(kept.length)),
    durations: columnOf(chunk.durations, kept, new Float64Array(kept.length)),
    ids: columnOf(chunk.ids, kept, new Uint32Array(kept.length * ID_WORDS)),
    kinds: columnOf(chunk.kinds, kept, new Uint8Array(kept.length)),
  };
}

/** Whether a row is of a trace, given as the four words of its id. */
export function isOfTrace({ ids }: SpanChunk, row: number, trace: Uint32Array): boolean {
  const at = row * ID_WORDS;
  return (
    ids[at] === trace[0] && ids[at + 1] === trace[1] && ids[at + 2] === trace[2] && ids[at + 3] === trace[3]
  );
}

/** Whether a row is of a span id, given as its two words. */
export function isSpan({ ids }: SpanChunk, row: number, span: Uint32Array): boolean {
  const at = row * ID_WORDS + 4;
  return ids[at] === span[0] && ids[at + 1] === span[1];
}

/** A span id in hex as the words that {@link isSpan} compares. */
export function spanWords(hex: string): Uint32Array {
  const bytes = Buffer.from(hex, 'hex');
  return Uint32Array.of(bytes.readUInt32LE(0), bytes.readUInt32LE(4));
}

/** A trace id in hex as the words that {@link isOfTrace} compares. */
export function traceWords(hex: string): Uint32Array {
  const bytes = Buffer.from(hex, 'hex');
  return Uint32Array.from({ length: 4 }, (_, word) => bytes.readUInt32LE(word * 4));
}

/** One row read back. */
export function readSpan(chunk: SpanChunk, row: number): StoredSpan {
  const reader = new RowBinaryReader(chunk.payload.subarray(chunk.offsets[row]));
  reader.skipString();
  const low = reader.uint32();
  const start = (BigInt(reader.uint32()) << 32n) | BigInt(low);
  const ids = Buffer.from(reader.raw(ID_OFFSET.end)).toString('hex');
  const kind = reader.raw(1)[0] ?? 0;
  const sourceLow = reader.uint32();
  const source = (BigInt(reader.uint32()) << 32n) | BigInt(sourceLow);
  const service = reader.string();
  const name = reader.string();
  const status = reader.raw(1)[0] ?? 0;
  reader.skip(1);
  const duration = reader.int64();
  const statusMessage = reader.string();
  const traceState = reader.string();
  const flags = reader.uint32();
  const pairs: string[] = [];
  for (let left = reader.varUint() * 2; left > 0; left--) pairs.push(reader.string());
  const types = reader.string();
  return {
    traceId: ids.slice(0, ID_OFFSET.span * 2),
    spanId: ids.slice(ID_OFFSET.span * 2, ID_OFFSET.parent * 2),
    parentId: parentText(ids.slice(ID_OFFSET.parent * 2)),
    start,
    duration,
    kind,
    status,
    service,
    name,
    source,
    statusMessage,
    traceState,
    flags,
    attributes: attributesOf(pairs, types),
    events: reader.raw(reader.varUint()),
    links: reader.raw(reader.varUint()),
  };
}

/** What a trace's shape needs of a row: nothing behind its duration is read. */
export function readOutline(chunk: SpanChunk, row: number): SpanOutline {
  const reader = new RowBinaryReader(chunk.payload.subarray(chunk.offsets[row]));
  reader.skipString();
  const low = reader.uint32();
  const start = (BigInt(reader.uint32()) << 32n) | BigInt(low);
  const ids = Buffer.from(reader.raw(ID_OFFSET.end)).toString('hex');
  const kind = reader.raw(1)[0] ?? 0;
  reader.skip(8);
  const service = reader.string();
  const name = reader.string();
  reader.skip(1);
  const failed = reader.raw(1)[0] === 1;
  return {
    spanId: ids.slice(ID_OFFSET.span * 2, ID_OFFSET.parent * 2),
    parentId: parentText(ids.slice(ID_OFFSET.parent * 2)),
    start,
    duration: reader.int64(),
    kind,
    service,
    name,
    failed,
  };
}

const NO_PARENT = '0'.repeat(16);

export function parentText(hex: string): string {
  return hex === NO_PARENT ? '' : hex;
}

/** A frame of the journal as a chunk again; its payload is copied. */
export function chunkOf(frame: Frame): SpanChunk {
  const payload = frame.payload.slice();
  const { rows, tenant, day } = frame;
  const offsets = new Uint32Array(rows);
  const ms = new Float64Array(rows);
  const durations = new Float64Array(rows);
  const ids = new Uint32Array(rows * ID_WORDS);
  const kinds = new Uint8Array(rows);
  const reader = new RowBinaryReader(payload);
  for (let row = 0; row < rows; row++) {
    offsets[row] = reader.at;
    reader.skipString();
    const low = reader.uint32();
    ms[row] = nanosToMillis(reader.uint32(), low);
    idWords(reader.raw(ID_OFFSET.end), 0, ids, row);
    kinds[row] = reader.raw(1)[0] ?? 0;
    reader.skip(8);
    reader.skipString();
    reader.skipString();
    reader.skip(2);
    durations[row] = reader.int64();
    reader.skipString();
    reader.skipString();
    reader.skip(4);
    for (let left = reader.varUint() * 2; left > 0; left--) reader.skipString();
    for (let texts = 3; texts > 0; texts--) reader.skipString();
  }
  return { tenant, day, rows, payload, offsets, ms, durations, ids, kinds };
}
