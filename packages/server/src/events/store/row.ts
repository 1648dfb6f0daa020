import { RowBinaryReader, RowBinaryWriter } from '../../engine/index.ts';
import { DECISIONS, STATUS_NUMBERS, STATUSES } from '../event.ts';
import type { Baseline } from '../history/baseline.ts';
import { isUneventful, type StoredEvent } from './stored-event.ts';

/** Writes one row of the events table. `seq` is filled in when the row becomes durable, see {@link seqOffset}. */
export function writeRow(writer: RowBinaryWriter, tenant: string, event: StoredEvent): void {
  writer.string(tenant);
  writer.int64(event.seq);
  writer.dateTime64(event.at);
  writer.dateTime64(event.received);
  writer.string(event.id);
  writer.bool(event.given);
  writer.string(event.source);
  writer.string(event.eventType);
  if (isUneventful(event)) writer.fixed(uneventfulBytes(event));
  else writeVerdict(writer, event);
  writer.string(event.data);
  writer.string(event.metadata);
  writer.uint32(event.ruleVersion);
  writeBaseline(writer, event.baseline);
  writer.endRow();
}

function writeVerdict(writer: RowBinaryWriter, event: StoredEvent): void {
  writer.uint8(STATUS_NUMBERS[event.status]);
  writer.float64(event.score);
  writer.uint8(DECISIONS.indexOf(event.decision));
  writer.string(event.reasoning);
  texts(writer, event.rules);
  writer.string(event.issues);
  writer.string(event.suggestions);
}

/** What nothing was found in reads the same each time. */
let lastUneventful: { readonly reasoning: string; readonly bytes: Uint8Array } | null = null;

function uneventfulBytes(event: StoredEvent): Uint8Array {
  if (lastUneventful?.reasoning !== event.reasoning) {
    const writer = new RowBinaryWriter();
    writeVerdict(writer, event);
    writer.endRow();
    lastUneventful = { reasoning: event.reasoning, bytes: writer.take().payload };
  }
  return lastUneventful.bytes;
}

function writeBaseline(writer: RowBinaryWriter, baseline: Baseline): void {
  texts(writer, baseline.names);
  numbers(writer, baseline.values);
  numbers(writer, baseline.counts);
  numbers(writer, baseline.means);
  numbers(writer, baseline.variances);
  numbers(writer, baseline.fasts);
  writer.string(baseline.shape);
  writer.uint32(baseline.shapeEvents);
  writer.uint32(baseline.shapeSeen);
  writer.uint32(baseline.shapeKinds);
  writer.string(baseline.shapeDiffers);
}

function texts(writer: RowBinaryWriter, items: readonly string[]): void {
  writer.varUint(items.length);
  for (let i = 0; i < items.length; i++) writer.string(items[i] ?? '');
}

function numbers(writer: RowBinaryWriter, items: readonly number[]): void {
  writer.varUint(items.length);
  writer.float64s(items);
}

/** Where a row's `seq` lies: after the tenant, which is the same for all rows of a chunk. */
export function seqOffset(tenant: string): number {
  const bytes = Buffer.byteLength(tenant);
  let prefix = 1;
  for (let rest = bytes; rest >= 0x80; rest = Math.floor(rest / 128)) prefix++;
  return prefix + bytes;
}

/** The row that begins here. */
export function readRow(payload: Uint8Array, offset: number): StoredEvent {
  const reader = new RowBinaryReader(payload.subarray(offset));
  reader.skipString();
  return {
    seq: reader.int64(),
    at: reader.dateTime64(),
    received: reader.dateTime64(),
    id: reader.string(),
    given: byteOf(reader) === 1,
    source: reader.string(),
    eventType: reader.string(),
    status: STATUSES[byteOf(reader)] ?? 'NORMAL',
    score: reader.float64(),
    decision: DECISIONS[byteOf(reader)] ?? 'CONTINUE',
    reasoning: reader.string(),
    rules: list(reader, () => reader.string()),
    issues: reader.string(),
    suggestions: reader.string(),
    data: reader.string(),
    metadata: reader.string(),
    ruleVersion: reader.uint32(),
    baseline: {
      names: list(reader, () => reader.string()),
      values: list(reader, () => reader.float64()),
      counts: list(reader, () => reader.float64()),
      means: list(reader, () => reader.float64()),
      variances: list(reader, () => reader.float64()),
      fasts: list(reader, () => reader.float64()),
      shape: reader.string(),
      shapeEvents: reader.uint32(),
      shapeSeen: reader.uint32(),
      shapeKinds: reader.uint32(),
      shapeDiffers: reader.string(),
    },
  };
}

/** Where the next row begins. */
export function rowEnd(payload: Uint8Array, offset: number): number {
  const reader = new RowBinaryReader(payload.subarray(offset));
  reader.skipString();
  reader.skip(24);
  reader.skipString();
  reader.skip(1);
  reader.skipString();
  reader.skipString();
  reader.skip(10);
  reader.skipString();
  skipTexts(reader);
  for (let left = 4; left > 0; left--) reader.skipString();
  reader.skip(4);
  skipTexts(reader);
  for (let left = 5; left > 0; left--) reader.skip(reader.varUint() * 8);
  reader.skipString();
  reader.skip(12);
  reader.skipString();
  return offset + reader.at;
}

function skipTexts(reader: RowBinaryReader): void {
  for (let left = reader.varUint(); left > 0; left--) reader.skipString();
}

function byteOf(reader: RowBinaryReader): number {
  return reader.raw(1)[0] ?? 0;
}

function list<Item>(reader: RowBinaryReader, read: () => Item): Item[] {
  return Array.from({ length: reader.varUint() }, read);
}
