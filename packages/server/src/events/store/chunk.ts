import { RowBinaryWriter, schemaVersionOf } from '../../engine/index.ts';
import { type Frame, grown, type RowChunk } from '../../journal/index.ts';
import { IdentityMixer, textSeed } from '../../kernel/identities.ts';
import { STATUS_NUMBERS, STATUSES, type Status } from '../event.ts';
import { eventsTable } from '../tables.ts';
import { readRow, rowEnd, seqOffset, writeRow } from './row.ts';
import type { StoredEvent } from './stored-event.ts';

const SCHEMA = schemaVersionOf(eventsTable);
const FIRST_ROWS = 16;
const TWO_32 = 2 ** 32;

/** Bytes of the columns beside a row's payload. */
export const COLUMN_BYTES = 4 + 8 + 8 + 1 + 8 + 8;

/** The events of one tenant and day: their rows in RowBinary, as journal and engine take them, and what is looked at most. */
export interface EventChunk extends RowChunk {
  /** `seq` of the first row; those of the others follow. 0 until the chunk is on its way to the journal. */
  firstSeq: number;
  /** Epoch ms. */
  readonly ms: Float64Array;
  readonly statuses: Uint8Array;
  readonly scores: Float64Array;
  /** Two words for each id that its sender gave; zeros for the others. */
  readonly ids: Uint32Array;
  readonly sources: readonly string[];
}

/** Collects the events of one day. */
export class ChunkWriter {
  readonly #tenant: string;
  readonly #day: number;
  readonly #writer: RowBinaryWriter;
  #rows = 0;
  #offsets = new Uint32Array(FIRST_ROWS);
  #ms = new Float64Array(FIRST_ROWS);
  #statuses = new Uint8Array(FIRST_ROWS);
  #scores = new Float64Array(FIRST_ROWS);
  #ids = new Uint32Array(FIRST_ROWS * 2);
  #sources: string[] = [];

  /** @param expectedBytes of the rows of the first chunk, as far as that is known: a buffer that grows is copied each time. */
  constructor(tenant: string, day: number, expectedBytes = 4096) {
    this.#tenant = tenant;
    this.#day = day;
    this.#writer = new RowBinaryWriter(expectedBytes);
  }

  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return this.#writer.size;
  }

  add(event: StoredEvent): void {
    if (this.#rows === this.#ms.length) this.#grow();
    const row = this.#rows++;
    this.#offsets[row] = this.#writer.size;
    this.#ms[row] = event.at;
    this.#statuses[row] = STATUS_NUMBERS[event.status];
    this.#scores[row] = event.score;
    if (event.given) idWords(this.#tenant, event.id, this.#ids, row);
    else this.#ids.fill(0, row * 2, row * 2 + 2);
    this.#sources.push(event.source);
    writeRow(this.#writer, this.#tenant, event);
  }

  take(): EventChunk {
    const rows = this.#rows;
    const { payload } = this.#writer.give();
    const sources = this.#sources;
    this.#rows = 0;
    this.#sources = [];
    return {
      tenant: this.#tenant,
      day: this.#day,
      rows,
      payload,
      firstSeq: 0,
      offsets: this.#offsets.slice(0, rows),
      ms: this.#ms.slice(0, rows),
      statuses: this.#statuses.slice(0, rows),
      scores: this.#scores.slice(0, rows),
      ids: this.#ids.slice(0, rows * 2),
      sources,
    };
  }

  #grow(): void {
    const size = this.#ms.length * 4;
    this.#offsets = grown(this.#offsets, new Uint32Array(size));
    this.#ms = grown(this.#ms, new Float64Array(size));
    this.#statuses = grown(this.#statuses, new Uint8Array(size));
    this.#scores = grown(this.#scores, new Float64Array(size));
    this.#ids = grown(this.#ids, new Uint32Array(size * 2));
  }
}

const mixer = new IdentityMixer();

/** Writes the identity of an id in 64 bits. */
export function idWords(tenant: string, id: string, words: Uint32Array, row: number): void {
  mixer.begin(textSeed(tenant)).add(id.length);
  for (let at = 0; at < id.length; at += 2)
    mixer.add(id.charCodeAt(at) | ((id.charCodeAt(at + 1) || 0) << 16));
  mixer.into(words, row);
}

/** Numbers the rows of a chunk, in its payload too. Returns the number after its last. */
export function numberRows(chunk: EventChunk, first: number): number {
  const { payload, offsets, rows } = chunk;
  const at = seqOffset(chunk.tenant);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  chunk.firstSeq = first;
  for (let row = 0; row < rows; row++) {
    const seq = first + row;
    view.setUint32(offsets[row] + at, seq % TWO_32, true);
    view.setUint32(offsets[row] + at + 4, Math.floor(seq / TWO_32), true);
  }
  return first + rows;
}

export function frameOf({ tenant, day, rows, payload }: EventChunk): Frame {
  return { table: eventsTable.name, schemaVersion: SCHEMA, tenant, day, rows, payload };
}

/** One row read back. */
export function readEvent(chunk: EventChunk, row: number): StoredEvent {
  return readRow(chunk.payload, chunk.offsets[row]);
}

export function statusAt(chunk: EventChunk, row: number): Status {
  return STATUSES[chunk.statuses[row]] ?? 'NORMAL';
}

/** A frame of the journal as a chunk again; its payload is copied. */
export function chunkOf(frame: Frame): EventChunk {
  const payload = frame.payload.slice();
  const { rows, tenant, day } = frame;
  const offsets = new Uint32Array(rows);
  const ms = new Float64Array(rows);
  const statuses = new Uint8Array(rows);
  const scores = new Float64Array(rows);
  const ids = new Uint32Array(rows * 2);
  const sources: string[] = [];
  let firstSeq = 0;
  for (let row = 0, at = 0; row < rows; row++, at = rowEnd(payload, at)) {
    const event = readRow(payload, at);
    if (row === 0) firstSeq = event.seq;
    offsets[row] = at;
    ms[row] = event.at;
    statuses[row] = STATUSES.indexOf(event.status);
    scores[row] = event.score;
    if (event.given) idWords(tenant, event.id, ids, row);
    sources.push(event.source);
  }
  return { tenant, day, rows, payload, firstSeq, offsets, ms, statuses, scores, ids, sources };
}
