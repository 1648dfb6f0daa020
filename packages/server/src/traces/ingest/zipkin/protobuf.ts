import { ProtobufReader, tagOf, WIRE } from '../../../kernel/wire/protobuf.ts';
import { writeEvent } from '../../events.ts';
import { ID_OFFSET, SPAN_KIND, type SpanDraft, type SpanRefusal } from '../../sink.ts';
import type { IngestSession } from '../session.ts';
import { addRemote, addZipkinTag, MAX_MICROS, takeZipkinSpan, type ZipkinSpan } from './span.ts';

const SPANS = tagOf(1, WIRE.bytes);

/**
 * Reads a ListOfSpans (zipkin-api's zipkin.proto), which says what the JSON says: see {@link readZipkinJson}. Throws `wire.malformed`.
 */
export async function readZipkinProtobuf(bytes: Uint8Array, session: IngestSession): Promise<void> {
  const reader = new ProtobufReader().reset(bytes);
  while (reader.at < bytes.length) {
    const tag = reader.uint32();
    if (tag !== SPANS) {
      reader.skip(tag);
      continue;
    }
    const end = reader.delimited();
    reader.end = end;
    takeZipkinSpan(session, readSpan(reader, session.span));
    reader.end = bytes.length;
    if (session.tired) await session.rest();
  }
}

/** OTLP's kinds by Zipkin's numbers. */
const KINDS = [
  SPAN_KIND.unspecified,
  SPAN_KIND.client,
  SPAN_KIND.server,
  SPAN_KIND.producer,
  SPAN_KIND.consumer,
] as const;

function readSpan(reader: ProtobufReader, span: SpanDraft): ZipkinSpan {
  const read: ZipkinSpan = { problem: null, service: '', timestamp: 0n, duration: 0n };
  span.clear();
  const { end } = reader;
  while (reader.at < end) readField(reader, reader.uint32(), span, read);
  return read;
}

const TRACE_ID = tagOf(1, WIRE.bytes);
const PARENT_ID = tagOf(2, WIRE.bytes);
const ID = tagOf(3, WIRE.bytes);
const KIND = tagOf(4, WIRE.varint);
const NAME = tagOf(5, WIRE.bytes);
const TIMESTAMP = tagOf(6, WIRE.fixed64);
const DURATION = tagOf(7, WIRE.varint);
const LOCAL_ENDPOINT = tagOf(8, WIRE.bytes);
const REMOTE_ENDPOINT = tagOf(9, WIRE.bytes);
const ANNOTATION = tagOf(10, WIRE.bytes);
const TAG = tagOf(11, WIRE.bytes);
const DEBUG = tagOf(12, WIRE.varint);

function readField(reader: ProtobufReader, tag: number, span: SpanDraft, read: ZipkinSpan): void {
  switch (tag) {
    case TRACE_ID:
      read.problem = readTraceId(reader.range(), span.ids) ?? read.problem;
      return;
    case PARENT_ID:
      read.problem = readSpanId(reader.range(), 'parent_id', ID_OFFSET.parent, span.ids) ?? read.problem;
      return;
    case ID:
      read.problem = readSpanId(reader.range(), 'id', ID_OFFSET.span, span.ids) ?? read.problem;
      return;
    case KIND:
      span.kind = KINDS[reader.int64()] ?? SPAN_KIND.unspecified;
      return;
    case NAME:
      span.name = textOf(reader);
      return;
    case TIMESTAMP:
      read.timestamp = readMicros(reader, 'timestamp', read);
      return;
    case DURATION:
      read.duration = bounded(BigInt(reader.uint64()), 'duration', read);
      return;
    default:
      readDetail(reader, tag, span, read);
  }
}

function readDetail(reader: ProtobufReader, tag: number, span: SpanDraft, read: ZipkinSpan): void {
  switch (tag) {
    case LOCAL_ENDPOINT:
      read.service = nested(reader, () => readEndpoint(reader, null));
      return;
    case REMOTE_ENDPOINT:
      nested(reader, () => readEndpoint(reader, span));
      return;
    case ANNOTATION:
      nested(reader, () => readAnnotation(reader, span, read));
      return;
    case TAG:
      nested(reader, () => readTag(reader, span));
      return;
    case DEBUG:
      if (reader.bool()) span.flags = 1;
      return;
    default:
      reader.skip(tag);
  }
}

/** Reads the message that begins at the reader, up to its end. */
function nested<T>(reader: ProtobufReader, read: () => T): T {
  const outer = reader.end;
  reader.end = reader.delimited();
  const found = read();
  reader.end = outer;
  return found;
}

/** 16 bytes, or the 8 low ones of them. */
function readTraceId(id: Uint8Array, ids: Uint8Array): SpanRefusal | null {
  if (id.length !== 16 && id.length !== 8)
    return { reason: 'bad_id', message: `trace_id has ${id.length} bytes, expected 16 or 8` };
  ids.fill(0, ID_OFFSET.trace, ID_OFFSET.span);
  ids.set(id, ID_OFFSET.span - id.length);
  return null;
}

function readSpanId(id: Uint8Array, field: string, offset: number, ids: Uint8Array): SpanRefusal | null {
  // No parent is written as nothing.
  if (id.length === 0) return null;
  if (id.length !== 8) return { reason: 'bad_id', message: `${field} has ${id.length} bytes, expected 8` };
  ids.set(id, offset);
  return null;
}

/** The service of an endpoint; a remote one leaves its name and address among the attributes of `remoteOf`. */
function readEndpoint(reader: ProtobufReader, remoteOf: SpanDraft | null): string {
  let service = '';
  while (reader.at < reader.end) {
    const tag = reader.uint32();
    if (tag === tagOf(1, WIRE.bytes)) {
      service = textOf(reader);
      if (remoteOf !== null) addRemote(remoteOf, 'service', service);
    } else if (remoteOf !== null && (tag === tagOf(2, WIRE.bytes) || tag === tagOf(3, WIRE.bytes)))
      addRemote(remoteOf, 'address', addressOf(reader.range()));
    else if (remoteOf !== null && tag === tagOf(4, WIRE.varint)) {
      const port = reader.int64();
      if (port > 0) addRemote(remoteOf, 'port', String(port));
    } else reader.skip(tag);
  }
  return service;
}

/** An address of 4 or 16 bytes as it is written; empty for any other. */
function addressOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return '';
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((bytes[i * 2] ?? 0) * 256 + (bytes[i * 2 + 1] ?? 0)).toString(16),
  );
  // The URL parser writes an address the shortest way (RFC 5952).
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function readAnnotation(reader: ProtobufReader, span: SpanDraft, read: ZipkinSpan): void {
  let time = 0n;
  let name = '';
  while (reader.at < reader.end) {
    const tag = reader.uint32();
    if (tag === tagOf(1, WIRE.fixed64)) time = readMicros(reader, 'annotation timestamp', read) * 1000n;
    else if (tag === tagOf(2, WIRE.bytes)) name = textOf(reader);
    else reader.skip(tag);
  }
  writeEvent(span.events, { time, name, attributes: [] });
}

function readTag(reader: ProtobufReader, span: SpanDraft): void {
  let key = '';
  let value = '';
  while (reader.at < reader.end) {
    const tag = reader.uint32();
    if (tag === tagOf(1, WIRE.bytes)) key = textOf(reader);
    else if (tag === tagOf(2, WIRE.bytes)) value = textOf(reader);
    else reader.skip(tag);
  }
  addZipkinTag(span, key, value);
}

function readMicros(reader: ProtobufReader, field: string, read: ZipkinSpan): bigint {
  return bounded(reader.view.getBigUint64(reader.fixed64At(), true), field, read);
}

function bounded(micros: bigint, field: string, read: ZipkinSpan): bigint {
  if (micros <= MAX_MICROS) return micros;
  read.problem ??= {
    reason: 'too_far_ahead',
    message: `${field} ${micros}, expected at most ${MAX_MICROS} microseconds`,
  };
  return 0n;
}

/** Replacement marks stand for what is not UTF-8. */
function textOf(reader: ProtobufReader): string {
  return Buffer.from(reader.range()).toString();
}
