import { wireErrors } from '../../../kernel/wire/errors.ts';
import { JsonReader } from '../../../kernel/wire/json.ts';
import {
  anyValueFromJson,
  checkAttributes,
  parseOtlpJson,
  valueJson,
} from '../../../kernel/wire/otlp-attributes.ts';
import type { Attribute, AttributeType } from '../../attributes.ts';
import { writeEvent, writeLink } from '../../events.ts';
import { ID_OFFSET, type SpanDraft, type SpanRefusal, type SpanSource } from '../../sink.ts';
import { type HexIds, readHexId } from '../hex.ts';
import type { IngestSession } from '../session.ts';

/**
 * Reads an ExportTraceServiceRequest in OTLP's JSON (compat OT-3): lowerCamelCase names, ids in hex, enums as numbers, 64-bit numbers as
 * numbers or texts, unknown fields ignored. Throws `wire.malformed`, which names the byte.
 */
export async function readOtlpJson(bytes: Uint8Array, session: IngestSession): Promise<void> {
  const reader = new JsonReader().reset(bytes);
  // An empty body is an empty request under any content type.
  if (reader.isAtEnd) return;
  reader.beginObject();
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey()) {
    if (key === 'resourceSpans' && beginList(reader))
      while (reader.nextItem()) await readResourceSpans(reader, session);
    else if (key !== 'resourceSpans') reader.skip();
  }
  reader.finish();
}

/** Begins the array of a field; null means none, as for any field of protobuf's JSON. */
function beginList(reader: JsonReader): boolean {
  if (reader.peek() === 'null') {
    reader.skip();
    return false;
  }
  reader.beginArray();
  return true;
}

function beginMessage(reader: JsonReader): boolean {
  if (reader.peek() === 'null') {
    reader.skip();
    return false;
  }
  reader.beginObject();
  return true;
}

/** Members may come in any order: what spans come from is looked for before they are read. */
async function readResourceSpans(reader: JsonReader, session: IngestSession): Promise<void> {
  const ahead = new JsonReader().reset(reader.bytes, reader.at, reader.end);
  let resource: readonly Attribute[] = [];
  ahead.beginObject();
  for (let key = ahead.nextKey(); key !== null; key = ahead.nextKey())
    if (key === 'resource') {
      resource = readMessageAttributes(ahead);
      // Resources come first as everybody writes them.
      break;
    } else ahead.skip();
  reader.beginObject();
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey()) {
    if (key !== 'scopeSpans') reader.skip();
    else if (beginList(reader)) while (reader.nextItem()) await readScopeSpans(reader, resource, session);
  }
}

function readMessageAttributes(reader: JsonReader): Attribute[] {
  let attributes: Attribute[] = [];
  if (!beginMessage(reader)) return attributes;
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey())
    if (key === 'attributes') attributes = readAttributes(reader);
    else reader.skip();
  return attributes;
}

async function readScopeSpans(
  reader: JsonReader,
  resource: readonly Attribute[],
  session: IngestSession,
): Promise<void> {
  const source = session.source(readSource(reader, resource));
  reader.beginObject();
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey()) {
    if (key !== 'spans') {
      reader.skip();
      continue;
    }
    if (!beginList(reader)) continue;
    while (reader.nextItem()) {
      session.take(source, readSpan(reader, session.span));
      if (session.tired) await session.rest();
    }
  }
}

/** Scope and schema, looked for ahead of the reader. */
function readSource(from: JsonReader, resource: readonly Attribute[]): SpanSource {
  const reader = new JsonReader().reset(from.bytes, from.at, from.end);
  const source = { scopeName: '', scopeVersion: '', scope: [] as Attribute[], schemaUrl: '' };
  reader.beginObject();
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey()) {
    if (key === 'schemaUrl') source.schemaUrl = reader.scalarText();
    else if (key !== 'scope') reader.skip();
    else if (beginMessage(reader))
      for (let name = reader.nextKey(); name !== null; name = reader.nextKey())
        if (name === 'name') source.scopeName = reader.scalarText();
        else if (name === 'version') source.scopeVersion = reader.scalarText();
        else if (name === 'attributes') source.scope = readAttributes(reader);
        else reader.skip();
  }
  return { resource, ...source };
}

function readAttributes(reader: JsonReader): Attribute[] {
  const attributes: Attribute[] = [];
  if (!beginList(reader)) return attributes;
  while (reader.nextItem()) {
    const attribute = readAttribute(reader);
    if (attribute !== null) attributes.push(attribute);
    checkAttributes(attributes.length);
  }
  return attributes;
}

const NOTHING = { type: 'n', value: '' } as const;

function readAttribute(reader: JsonReader): Attribute | null {
  let name: string | null = null;
  let value: { readonly type: AttributeType; readonly value: string } = NOTHING;
  if (!beginMessage(reader)) return null;
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey())
    if (key === 'key') name = reader.scalarText();
    else if (key === 'value') value = readAnyValue(reader);
    else reader.skip();
  return name === null ? null : { key: name, ...value };
}

const SCALARS: ReadonlyMap<string, AttributeType> = new Map([
  ['stringValue', 's'],
  ['boolValue', 'b'],
  ['intValue', 'i'],
  ['doubleValue', 'd'],
  ['bytesValue', 'x'],
]);

function readAnyValue(reader: JsonReader): { readonly type: AttributeType; readonly value: string } {
  let value: { readonly type: AttributeType; readonly value: string } = NOTHING;
  const start = reader.at;
  if (!beginMessage(reader)) return value;
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey()) {
    const type = SCALARS.get(key);
    if (type !== undefined) value = { type, value: reader.scalarText() };
    else {
      if (key === 'arrayValue' || key === 'kvlistValue') value = { type: 'j', value: '' };
      reader.skip();
    }
  }
  if (value.type !== 'j') return value;
  // The reader has looked at the bytes: they are JSON, of bounded depth.
  const text = Buffer.from(reader.bytes.buffer, reader.bytes.byteOffset + start, reader.at - start);
  return { type: 'j', value: valueJson(anyValueFromJson(parseOtlpJson(text.toString()))) };
}

const IDS: HexIds = new Map([
  ['traceId', { from: ID_OFFSET.trace, to: ID_OFFSET.span }],
  ['spanId', { from: ID_OFFSET.span, to: ID_OFFSET.parent }],
  ['parentSpanId', { from: ID_OFFSET.parent, to: ID_OFFSET.end }],
]);

function readSpan(reader: JsonReader, span: SpanDraft): SpanRefusal | null {
  let problem: SpanRefusal | null = null;
  span.clear();
  reader.beginObject();
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey()) {
    const id = IDS.get(key);
    if (id !== undefined) problem = readHexId(reader.scalarText(), key, span.ids, id) ?? problem;
    else readField(reader, key, span);
  }
  return problem;
}

function readField(reader: JsonReader, key: string, span: SpanDraft): void {
  switch (key) {
    case 'name':
      span.name = reader.scalarText();
      return;
    case 'kind':
      span.kind = smallNumber(reader);
      return;
    case 'startTimeUnixNano': {
      const time = readNanos(reader);
      span.startLow = Number(time & 0xffffffffn);
      span.startHigh = Number(time >> 32n);
      return;
    }
    case 'endTimeUnixNano': {
      const time = readNanos(reader);
      span.endLow = Number(time & 0xffffffffn);
      span.endHigh = Number(time >> 32n);
      return;
    }
    case 'traceState':
      span.traceState = reader.scalarText();
      return;
    case 'flags':
      span.flags = smallNumber(reader);
      return;
    case 'attributes':
      for (const { key: name, type, value } of readAttributes(reader)) span.attributes.add(name, type, value);
      return;
    case 'status':
      readStatus(reader, span);
      return;
    case 'events':
      if (beginList(reader)) while (reader.nextItem()) readEvent(reader, span);
      return;
    case 'links':
      if (beginList(reader)) while (reader.nextItem()) readLink(reader, span);
      return;
    default:
      reader.skip();
  }
}

function readStatus(reader: JsonReader, span: SpanDraft): void {
  if (!beginMessage(reader)) return;
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey())
    if (key === 'code') span.status = smallNumber(reader);
    else if (key === 'message') span.statusMessage = reader.scalarText();
    else reader.skip();
}

function readEvent(reader: JsonReader, span: SpanDraft): void {
  const event = { time: 0n, name: '', attributes: [] as Attribute[] };
  if (!beginMessage(reader)) return;
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey())
    if (key === 'timeUnixNano') event.time = readNanos(reader);
    else if (key === 'name') event.name = reader.scalarText();
    else if (key === 'attributes') event.attributes = readAttributes(reader);
    else reader.skip();
  writeEvent(span.events, event);
}

function readLink(reader: JsonReader, span: SpanDraft): void {
  const link = { traceId: '', spanId: '', traceState: '', flags: 0, attributes: [] as Attribute[] };
  if (!beginMessage(reader)) return;
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey())
    if (key === 'traceId') link.traceId = reader.scalarText();
    else if (key === 'spanId') link.spanId = reader.scalarText();
    else if (key === 'traceState') link.traceState = reader.scalarText();
    else if (key === 'flags') link.flags = smallNumber(reader);
    else if (key === 'attributes') link.attributes = readAttributes(reader);
    else reader.skip();
  writeLink(span.links, link);
}

/** An enum, or flags of 32 bits; what is no number is 0. */
function smallNumber(reader: JsonReader): number {
  const value = Number(reader.scalarText());
  return Number.isInteger(value) && value >= 0 && value < 2 ** 32 ? value : 0;
}

const NANOS = /^\d{1,20}$/;

/** Nanoseconds as digits or a number. */
function readNanos(reader: JsonReader): bigint {
  const text = reader.scalarText();
  if (text === '') return 0n;
  const time = NANOS.test(text) ? BigInt(text) : -1n;
  if (time < 0n || time >= 2n ** 64n)
    throw wireErrors.make(
      'malformed',
      `JSON: time ${JSON.stringify(text.slice(0, 40))} before byte ${reader.at}, expected nanoseconds since the epoch`,
    );
  return time;
}
