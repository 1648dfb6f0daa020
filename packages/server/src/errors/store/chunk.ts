import { z } from 'zod';
import { RowBinaryReader, RowBinaryWriter, schemaVersionOf } from '../../engine/index.ts';
import { type Frame, payloadOf, type RowChunk, rowsBut } from '../../journal/index.ts';
import { IdentityMixer, textSeed } from '../../kernel/identities.ts';
import type { Sliced } from '../../kernel/sliced.ts';
import { type ErrorEvent, errorEvent } from '../event.ts';
import { SLICE_ERRORS } from '../limits.ts';
import { errorEventsTable } from '../tables.ts';

/** An event as it is stored, with the group it belongs to. */
export interface StoredError {
  /** Rises in the order in which errors became durable. */
  readonly sequence: number;
  readonly group: string;
  /** What the group was found by. */
  readonly parts: readonly string[];
  readonly event: ErrorEvent;
}

/** The errors of one tenant and day, as rows for journal and engine and as they are. */
export interface ErrorChunk extends RowChunk {
  readonly errors: readonly StoredError[];
}

/** Memory of a row beside its payload: the event itself. */
export const EVENT_BYTES = 2048;
const DAY_MS = 86_400_000;

const body = z.object({ event: errorEvent, parts: z.array(z.string()) });

/** The day (UTC) an event is stored under. */
export function dayOf({ time }: Pick<ErrorEvent, 'time'>): number {
  return Math.floor(time / DAY_MS);
}

/** One chunk for each day. */
export function* chunksOf(tenant: string, errors: readonly StoredError[]): Sliced<ErrorChunk[]> {
  const days = new Map<number, StoredError[]>();
  for (const error of errors) {
    const day = dayOf(error.event);
    const ofDay = days.get(day);
    if (ofDay === undefined) days.set(day, [error]);
    else ofDay.push(error);
  }
  const chunks: ErrorChunk[] = [];
  for (const [day, ofDay] of days) {
    const writer = new RowBinaryWriter();
    const offsets = new Uint32Array(ofDay.length);
    for (const [row, error] of ofDay.entries()) {
      if (row > 0 && row % SLICE_ERRORS === 0) yield;
      offsets[row] = writer.size;
      writeRow(writer, tenant, error);
    }
    const { rows, payload } = writer.take();
    chunks.push({ tenant, day, rows, payload, offsets, errors: ofDay });
  }
  return chunks;
}

function writeRow(
  writer: RowBinaryWriter,
  tenant: string,
  { sequence, group, parts, event }: StoredError,
): void {
  writer.string(tenant);
  writer.dateTime64(event.time);
  writer.int64(sequence);
  writer.string(event.id);
  writer.string(group);
  for (const text of [
    event.service,
    event.environment,
    event.release,
    event.type,
    event.severity,
    event.origin,
  ])
    writer.string(text);
  for (const text of [event.traceId, event.requestId, event.user]) writer.string(text);
  writer.string(JSON.stringify({ event, parts }));
  writer.endRow();
}

export function frameOf({ tenant, day, rows, payload }: ErrorChunk): Frame {
  return {
    table: errorEventsTable.name,
    schemaVersion: schemaVersionOf(errorEventsTable),
    tenant,
    day,
    rows,
    payload,
  };
}

/** The chunk without some of its rows. */
export function without(chunk: ErrorChunk, dropped: ReadonlySet<number>): ErrorChunk {
  const kept = rowsBut(chunk.rows, dropped);
  return { ...chunk, ...payloadOf(chunk, kept), errors: chunk.errors.filter((_, row) => !dropped.has(row)) };
}

/** A frame of the journal as a chunk again; its payload is copied. Rows that no longer read are left out of memory, the engine has them. */
export function chunkOf(frame: Frame): ErrorChunk {
  const payload = frame.payload.slice();
  const reader = new RowBinaryReader(payload);
  const offsets = new Uint32Array(frame.rows);
  const errors: StoredError[] = [];
  for (let row = 0; row < frame.rows; row++) {
    offsets[row] = reader.at;
    reader.skipString();
    reader.dateTime64();
    const sequence = reader.int64();
    reader.skipString();
    const group = reader.string();
    for (let texts = 9; texts > 0; texts--) reader.skipString();
    const error = errorOf(sequence, group, reader.string());
    if (error !== null) errors.push(error);
  }
  return { tenant: frame.tenant, day: frame.day, rows: frame.rows, payload, offsets, errors };
}

/** What a row's body says; null when another version wrote it in a way that is not understood. */
export function errorOf(sequence: number, group: string, text: string): StoredError | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = body.safeParse(value);
  return parsed.success ? { sequence, group, ...parsed.data } : null;
}

const mixer = new IdentityMixer();

/** Tenant and id of each row in 64 bits. */
export function identitiesOf({
  tenant,
  ids,
}: {
  readonly tenant: string;
  readonly ids: readonly string[];
}): Uint32Array {
  const words = new Uint32Array(ids.length * 2);
  const seed = textSeed(tenant);
  for (const [row, id] of ids.entries()) {
    mixer.begin(seed);
    for (let at = 0; at < 32; at += 8) mixer.add(Number.parseInt(id.slice(at, at + 8), 16));
    mixer.into(words, row);
  }
  return words;
}
