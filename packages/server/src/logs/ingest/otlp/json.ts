import { Buffer } from 'node:buffer';
import { otlpErrors } from '../../../http/otlp/errors.ts';
import { JsonReader } from '../../../kernel/wire/json.ts';
import { scopeFromJson } from '../../../kernel/wire/otlp.ts';
import {
  attributesFromJson,
  fieldOf,
  parseOtlpJson,
  valueTextFromJson,
} from '../../../kernel/wire/otlp-attributes.ts';
import { type LogTime, timeOfNanos } from '../../time.ts';
import { NO_TIME, type OtlpLogWriter } from './writer.ts';

/** A value's place in the body. */
interface Place {
  readonly start: number;
  readonly end: number;
}

/**
 * The records of an ExportLogsServiceRequest in OTLP's JSON, one at a time: only one record's values are ever objects. Throws
 * `wire.malformed` or `otlp.malformed`; nothing may then be committed.
 */
export async function readLogsJson(bytes: Uint8Array, writer: OtlpLogWriter): Promise<void> {
  const reader = new JsonReader().reset(bytes);
  // An empty body is an empty request under any content type.
  if (reader.isAtEnd) return;
  if (reader.peek() !== 'object')
    throw otlpErrors.make('malformed', 'the body is JSON but no object, expected {"resourceLogs": [...]}');
  const root = members(reader);
  reader.finish();
  for (const group of items(bytes, root.get('resourceLogs'))) {
    const parts = members(new JsonReader().reset(bytes, group.start, group.end));
    const resource = valueAt(bytes, parts.get('resource'));
    writer.resource(attributesFromJson(fieldOf(resource, 'attributes')));
    for (const scopeLogs of items(bytes, parts.get('scopeLogs'))) {
      const fields = members(new JsonReader().reset(bytes, scopeLogs.start, scopeLogs.end));
      writer.scope(scopeFromJson({ scope: valueAt(bytes, fields.get('scope')) }));
      for (const record of items(bytes, fields.get('logRecords'))) {
        readRecord(bytes, record, writer);
        if (writer.tired) await writer.rest();
      }
    }
  }
}

/** Where the members of an object stand; none for anything but an object. */
function members(reader: JsonReader): Map<string, Place> {
  const found = new Map<string, Place>();
  if (reader.peek() !== 'object') {
    reader.skip();
    return found;
  }
  reader.beginObject();
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey()) {
    reader.peek();
    const start = reader.at;
    reader.skip();
    found.set(key, { start, end: reader.at });
  }
  return found;
}

/** Where the items of a list stand; none for anything but a list. */
function* items(bytes: Uint8Array, place: Place | undefined): Generator<Place> {
  if (place === undefined) return;
  const reader = new JsonReader().reset(bytes, place.start, place.end);
  if (reader.peek() !== 'array') return;
  reader.beginArray();
  while (reader.nextItem()) {
    const start = reader.at;
    reader.skip();
    yield { start, end: reader.at };
  }
}

function valueAt(bytes: Uint8Array, place: Place | undefined): unknown {
  if (place === undefined) return undefined;
  try {
    const text = Buffer.from(
      bytes.buffer,
      bytes.byteOffset + place.start,
      place.end - place.start,
    ).toString();
    return parseOtlpJson(text);
  } catch (cause) {
    throw otlpErrors.make(
      'malformed',
      `the body is not JSON at byte ${place.start}: ${cause instanceof Error ? cause.message : ''}`,
    );
  }
}

function readRecord(bytes: Uint8Array, record: Place, writer: OtlpLogWriter): void {
  const parts = members(new JsonReader().reset(bytes, record.start, record.end));
  const { fields } = writer;
  writer.begin();
  const scalar = (name: string): string => scalarAt(bytes, parts.get(name));
  fields.time = timeOf(scalar('timeUnixNano'), 'timeUnixNano');
  fields.observed = timeOf(scalar('observedTimeUnixNano'), 'observedTimeUnixNano');
  fields.severity = Number(scalar('severityNumber')) || 0;
  fields.severityText = scalar('severityText');
  fields.traceId = idOf(scalar('traceId'), 32);
  fields.spanId = idOf(scalar('spanId'), 16);
  fields.flags = Number(scalar('flags')) || 0;
  fields.eventName = scalar('eventName');
  for (const text of attributesFromJson(valueAt(bytes, parts.get('attributes'))))
    writer.attributes.push(text);
  const body = Buffer.from(valueTextFromJson(valueAt(bytes, parts.get('body'))));
  writer.body(body, 0, body.length);
  writer.finish();
}

function scalarAt(bytes: Uint8Array, place: Place | undefined): string {
  if (place === undefined) return '';
  const reader = new JsonReader().reset(bytes, place.start, place.end);
  const kind = reader.peek();
  return kind === 'object' || kind === 'array' ? '' : reader.scalarText();
}

/** 64 bits come as text or number (OT-3). */
function timeOf(text: string, name: string): LogTime {
  if (text === '') return NO_TIME;
  if (!/^\d{1,20}$/.test(text))
    throw otlpErrors.make(
      'malformed',
      `${name} is ${JSON.stringify(text.slice(0, 100))}, expected nanoseconds`,
    );
  return timeOfNanos(BigInt(text));
}

function idOf(hex: string, length: number): string {
  const lower = hex.toLowerCase();
  return lower.length === length && /^[0-9a-f]+$/.test(lower) && !/^0+$/.test(lower) ? lower : '';
}
