import { wireErrors } from '../../../kernel/wire/errors.ts';
import { JsonReader } from '../../../kernel/wire/json.ts';
import { writeEvent } from '../../events.ts';
import { ID_OFFSET, SPAN_KIND, type SpanDraft } from '../../sink.ts';
import { readHexId } from '../hex.ts';
import type { IngestSession } from '../session.ts';
import { addRemote, addZipkinTag, type RemoteFact, takeZipkinSpan, type ZipkinSpan } from './span.ts';

const KINDS: ReadonlyMap<string, number> = new Map([
  ['CLIENT', SPAN_KIND.client],
  ['SERVER', SPAN_KIND.server],
  ['PRODUCER', SPAN_KIND.producer],
  ['CONSUMER', SPAN_KIND.consumer],
]);

/**
 * Reads a list of spans in Zipkin's v2 JSON (compat ZK-1; zipkin2-api.yaml). Tags are attributes, annotations events; a tag `error` means
 * that the span failed, whatever its value. The two sides of a shared span differ in their kind. Throws `wire.malformed`.
 */
export async function readZipkinJson(bytes: Uint8Array, session: IngestSession): Promise<void> {
  const reader = new JsonReader().reset(bytes);
  if (reader.isAtEnd) return;
  reader.beginArray();
  while (reader.nextItem()) {
    takeZipkinSpan(session, readSpan(reader, session.span));
    if (session.tired) await session.rest();
  }
  reader.finish();
}

function readSpan(reader: JsonReader, span: SpanDraft): ZipkinSpan {
  const read: ZipkinSpan = { problem: null, service: '', timestamp: 0n, duration: 0n };
  span.clear();
  reader.beginObject();
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey()) readMember(reader, key, span, read);
  return read;
}

function readMember(reader: JsonReader, key: string, span: SpanDraft, read: ZipkinSpan): void {
  switch (key) {
    case 'traceId': {
      const text = reader.scalarText();
      const id = text.length === 16 ? text.padStart(32, '0') : text;
      read.problem = readHexId(id, key, span.ids, TRACE) ?? read.problem;
      return;
    }
    case 'id':
      read.problem = readHexId(reader.scalarText(), key, span.ids, SPAN) ?? read.problem;
      return;
    case 'parentId':
      read.problem = readHexId(reader.scalarText(), key, span.ids, PARENT) ?? read.problem;
      return;
    case 'name':
      span.name = reader.scalarText();
      return;
    case 'kind':
      span.kind = KINDS.get(reader.scalarText()) ?? SPAN_KIND.unspecified;
      return;
    case 'timestamp':
      read.timestamp = readMicros(reader);
      return;
    case 'duration':
      read.duration = readMicros(reader);
      return;
    case 'localEndpoint':
      read.service = readEndpoint(reader, null);
      return;
    case 'remoteEndpoint':
      readEndpoint(reader, span);
      return;
    case 'tags':
      readTags(reader, span);
      return;
    case 'annotations':
      readAnnotations(reader, span);
      return;
    case 'debug':
      if (reader.scalarText() === 'true') span.flags = 1;
      return;
    default:
      reader.skip();
  }
}

const TRACE = { from: ID_OFFSET.trace, to: ID_OFFSET.span };
const SPAN = { from: ID_OFFSET.span, to: ID_OFFSET.parent };
const PARENT = { from: ID_OFFSET.parent, to: ID_OFFSET.end };

/** The service of an endpoint; a remote one leaves its name and address among the attributes of `remoteOf`. */
function readEndpoint(reader: JsonReader, remoteOf: SpanDraft | null): string {
  let service = '';
  if (isNull(reader)) return service;
  reader.beginObject();
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey()) {
    const value = reader.scalarText();
    const fact = REMOTE_FACTS.get(key);
    if (fact === 'service') service = value;
    if (remoteOf !== null && fact !== undefined) addRemote(remoteOf, fact, value);
  }
  return service;
}

const REMOTE_FACTS: ReadonlyMap<string, RemoteFact> = new Map([
  ['serviceName', 'service'],
  ['ipv4', 'address'],
  ['ipv6', 'address'],
  ['port', 'port'],
]);

function readTags(reader: JsonReader, span: SpanDraft): void {
  if (isNull(reader)) return;
  reader.beginObject();
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey()) {
    addZipkinTag(span, key, reader.scalarText());
  }
}

function readAnnotations(reader: JsonReader, span: SpanDraft): void {
  if (isNull(reader)) return;
  reader.beginArray();
  while (reader.nextItem()) {
    let time = 0n;
    let name = '';
    reader.beginObject();
    for (let key = reader.nextKey(); key !== null; key = reader.nextKey())
      if (key === 'timestamp') time = readMicros(reader) * 1000n;
      else if (key === 'value') name = reader.scalarText();
      else reader.skip();
    writeEvent(span.events, { time, name, attributes: [] });
  }
}

function isNull(reader: JsonReader): boolean {
  if (reader.peek() !== 'null') return false;
  reader.skip();
  return true;
}

/** Microseconds; those that pass 64 bits in nanoseconds are none. A fraction is cut. */
function readMicros(reader: JsonReader): bigint {
  const text = reader.scalarText();
  if (text === '') return 0n;
  const match = /^(\d{1,16})(?:\.\d+)?$/.exec(text);
  if (match === null)
    throw wireErrors.make(
      'malformed',
      `JSON: time ${JSON.stringify(text.slice(0, 40))} before byte ${reader.at}, expected microseconds`,
    );
  return BigInt(match[1] ?? '0');
}
