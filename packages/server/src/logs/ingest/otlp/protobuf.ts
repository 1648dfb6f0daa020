import { Buffer } from 'node:buffer';
import { type MessageRange, messageRanges, rangeAttributes, scopeOf } from '../../../kernel/wire/otlp.ts';
import { readAttribute, readValueText } from '../../../kernel/wire/otlp-attributes.ts';
import { ProtobufReader, tagOf, WIRE } from '../../../kernel/wire/protobuf.ts';
import type { LogTime } from '../../time.ts';
import type { OtlpLogWriter } from './writer.ts';

/** LogRecord (opentelemetry/proto/logs/v1/logs.proto). */
const TIME = tagOf(1, WIRE.fixed64);
const SEVERITY = tagOf(2, WIRE.varint);
const SEVERITY_TEXT = tagOf(3, WIRE.bytes);
const BODY = tagOf(5, WIRE.bytes);
const ATTRIBUTE = tagOf(6, WIRE.bytes);
const FLAGS = tagOf(8, WIRE.fixed32);
const TRACE_ID = tagOf(9, WIRE.bytes);
const SPAN_ID = tagOf(10, WIRE.bytes);
const OBSERVED = tagOf(11, WIRE.fixed64);
const EVENT_NAME = tagOf(12, WIRE.bytes);
/** AnyValue.string_value. */
const STRING = tagOf(1, WIRE.bytes);
const NANOS_PER_MS = 1_000_000;
const TRACE_BYTES = 16;
const SPAN_BYTES = 8;

/** The records of an ExportLogsServiceRequest. Throws `wire.malformed` at the place it is; nothing may then be committed. */
export async function readLogsProtobuf(bytes: Uint8Array, writer: OtlpLogWriter): Promise<void> {
  const reader = new ProtobufReader().reset(bytes);
  for (const group of messageRanges(bytes, 0, bytes.length)) {
    if (group.field !== 1) continue;
    // Twice, and nothing kept: a part may be two bytes, and there may be millions.
    let resource: MessageRange | undefined;
    for (const part of messageRanges(bytes, group.start, group.end)) if (part.field === 1) resource = part;
    writer.resource(rangeAttributes(bytes, resource, 1));
    for (const part of messageRanges(bytes, group.start, group.end))
      if (part.field === 2) await readScope(reader, part, writer);
  }
}

async function readScope(reader: ProtobufReader, range: MessageRange, writer: OtlpLogWriter): Promise<void> {
  const { bytes } = reader;
  const about = new Map<number, MessageRange>();
  for (const part of messageRanges(bytes, range.start, range.end))
    if (part.field === 1 || part.field === 3) about.set(part.field, part);
  writer.scope(scopeOf(bytes, [...about.values()]));
  reader.reset(bytes, range.start, range.end);
  while (reader.at < range.end) {
    const tag = reader.uint32();
    if (tag !== tagOf(2, WIRE.bytes)) {
      reader.skip(tag);
      continue;
    }
    const end = reader.delimited();
    readRecord(reader, end, writer);
    reader.leave(end);
    if (writer.tired) await writer.rest();
  }
}

function readRecord(reader: ProtobufReader, end: number, writer: OtlpLogWriter): void {
  const { fields } = writer;
  writer.begin();
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === TIME) fields.time = readTime(reader);
    else if (tag === OBSERVED) fields.observed = readTime(reader);
    else if (tag === SEVERITY) fields.severity = reader.int64();
    else if (tag === SEVERITY_TEXT) fields.severityText = reader.text() ?? '\ufffd';
    else if (tag === BODY) readBody(reader, reader.delimited(), writer);
    else if (tag === ATTRIBUTE) readAttribute(reader, reader.delimited(), writer.attributes);
    else if (tag === TRACE_ID) fields.traceId = readId(reader, TRACE_BYTES);
    else if (tag === SPAN_ID) fields.spanId = readId(reader, SPAN_BYTES);
    else if (tag === FLAGS) {
      reader.skip(tag);
      fields.flags = reader.view.getUint32(reader.at - 4, true);
    } else if (tag === EVENT_NAME) fields.eventName = reader.text() ?? '\ufffd';
    else reader.skip(tag);
  }
  writer.finish();
}

/** A text is passed on as the bytes it is; anything else is written as attributes are. */
function readBody(reader: ProtobufReader, end: number, writer: OtlpLogWriter): void {
  const start = reader.at;
  if (start < end && reader.uint32() === STRING) {
    const textEnd = reader.delimited();
    if (textEnd === end) {
      writer.body(reader.bytes, reader.at, end);
      reader.at = end;
      return;
    }
  }
  reader.at = start;
  const text = Buffer.from(readValueText(reader, end));
  writer.body(text, 0, text.length);
}

/** Nanoseconds of a fixed64, exact. */
function readTime(reader: ProtobufReader): LogTime {
  const { view, at } = reader;
  const ms = reader.fixed64Milliseconds();
  const low = view.getUint32(at, true);
  const high = view.getUint32(at + 4, true);
  // 2^32 is 967,296 modulo 10^6.
  return { ms, nanos: ((high % NANOS_PER_MS) * 967_296 + low) % NANOS_PER_MS };
}

/** Lower hex; empty for an id that is none: of another length, or zeros. */
function readId(reader: ProtobufReader, length: number): string {
  const bytes = reader.range();
  if (bytes.length !== length || bytes.every((byte) => byte === 0)) return '';
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
