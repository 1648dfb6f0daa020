import { checkAttributes } from '../../../kernel/wire/otlp-attributes.ts';
import { ProtobufReader, tagOf, WIRE } from '../../../kernel/wire/protobuf.ts';
import { type Attribute, AttributeBuffer } from '../../attributes.ts';
import { EVENT_FIELD, LINK_FIELD, readTypedAttribute } from '../../events.ts';
import { ID_OFFSET, type SpanDraft, type SpanRefusal, type SpanSource } from '../../sink.ts';
import type { IngestSession } from '../session.ts';

/** Nested messages of the same field number: resource and scope are 1, what they hold is 2, schema_url 3. */
const FIRST = tagOf(1, WIRE.bytes);
const SECOND = tagOf(2, WIRE.bytes);
const THIRD = tagOf(3, WIRE.bytes);

/** Reads an ExportTraceServiceRequest (opentelemetry-proto trace/v1). Throws `wire.malformed` at the place it is. */
export async function readOtlpProtobuf(bytes: Uint8Array, session: IngestSession): Promise<void> {
  const reader = new ProtobufReader().reset(bytes);
  while (reader.at < bytes.length) {
    const tag = reader.uint32();
    if (tag !== FIRST) {
      reader.skip(tag);
      continue;
    }
    const end = reader.delimited();
    await readResourceSpans(bytes, reader.at, end, session);
    reader.at = end;
  }
}

/** Fields may come in any order: what spans come from is looked for before they are read. */
async function readResourceSpans(
  bytes: Uint8Array,
  start: number,
  end: number,
  session: IngestSession,
): Promise<void> {
  const reader = new ProtobufReader().reset(bytes, start, end);
  let resource: readonly Attribute[] = [];
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === FIRST) {
      const fieldEnd = reader.delimited();
      resource = readAttributes(bytes, reader.at, fieldEnd, FIRST);
      reader.at = fieldEnd;
    } else reader.skip(tag);
  }
  reader.reset(bytes, start, end);
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag !== SECOND) {
      reader.skip(tag);
      continue;
    }
    const fieldEnd = reader.delimited();
    await readScopeSpans(bytes, reader.at, fieldEnd, resource, session);
    reader.at = fieldEnd;
  }
}

async function readScopeSpans(
  bytes: Uint8Array,
  start: number,
  end: number,
  resource: readonly Attribute[],
  session: IngestSession,
): Promise<void> {
  const source = session.source(readSource(bytes, start, end, resource));
  const reader = new ProtobufReader().reset(bytes, start, end);
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag !== SECOND) {
      reader.skip(tag);
      continue;
    }
    const spanEnd = reader.delimited();
    reader.end = spanEnd;
    const problem = readSpan(reader, session.span);
    reader.end = end;
    session.take(source, problem);
    if (session.tired) await session.rest();
  }
}

function readSource(
  bytes: Uint8Array,
  start: number,
  end: number,
  resource: readonly Attribute[],
): SpanSource {
  const reader = new ProtobufReader().reset(bytes, start, end);
  let scope = { name: '', version: '', attributes: [] as readonly Attribute[] };
  let schemaUrl = '';
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === FIRST) {
      const fieldEnd = reader.delimited();
      scope = readScope(bytes, reader.at, fieldEnd);
      reader.at = fieldEnd;
    } else if (tag === THIRD) schemaUrl = textOf(reader);
    else reader.skip(tag);
  }
  return {
    resource,
    scopeName: scope.name,
    scopeVersion: scope.version,
    scope: scope.attributes,
    schemaUrl,
  };
}

function readScope(bytes: Uint8Array, start: number, end: number) {
  const reader = new ProtobufReader().reset(bytes, start, end);
  let name = '';
  let version = '';
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === FIRST) name = textOf(reader);
    else if (tag === SECOND) version = textOf(reader);
    else reader.skip(tag);
  }
  return { name, version, attributes: readAttributes(bytes, start, end, THIRD) };
}

function readAttributes(bytes: Uint8Array, start: number, end: number, field: number): Attribute[] {
  const reader = new ProtobufReader().reset(bytes, start, end);
  const attributes = new AttributeBuffer();
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === field) readTypedAttribute(reader, reader.delimited(), attributes);
    else reader.skip(tag);
    checkAttributes(attributes.count);
  }
  return attributes.list();
}

const TRACE_ID = tagOf(1, WIRE.bytes);
const SPAN_ID = tagOf(2, WIRE.bytes);
const TRACE_STATE = tagOf(3, WIRE.bytes);
const PARENT_ID = tagOf(4, WIRE.bytes);
const NAME = tagOf(5, WIRE.bytes);
const KIND = tagOf(6, WIRE.varint);
const START = tagOf(7, WIRE.fixed64);
const END = tagOf(8, WIRE.fixed64);
const ATTRIBUTE = tagOf(9, WIRE.bytes);
const EVENT = tagOf(EVENT_FIELD, WIRE.bytes);
const LINK = tagOf(LINK_FIELD, WIRE.bytes);
const STATUS_FIELD = tagOf(15, WIRE.bytes);
const FLAGS = tagOf(16, WIRE.fixed32);

/** Reads the Span that ends at the reader's end; an id of a wrong length is told, not thrown: the other spans are kept. */
function readSpan(reader: ProtobufReader, span: SpanDraft): SpanRefusal | null {
  const { end } = reader;
  let problem: SpanRefusal | null = null;
  span.clear();
  while (reader.at < end) {
    const tag = reader.uint32();
    switch (tag) {
      case TRACE_ID:
        problem = readId(reader, span, 'traceId', ID_OFFSET.trace, ID_OFFSET.span) ?? problem;
        break;
      case SPAN_ID:
        problem = readId(reader, span, 'spanId', ID_OFFSET.span, ID_OFFSET.parent) ?? problem;
        break;
      case PARENT_ID:
        problem = readId(reader, span, 'parentSpanId', ID_OFFSET.parent, ID_OFFSET.end) ?? problem;
        break;
      case START: {
        const at = reader.fixed64At();
        span.startLow = reader.view.getUint32(at, true);
        span.startHigh = reader.view.getUint32(at + 4, true);
        break;
      }
      case END: {
        const at = reader.fixed64At();
        span.endLow = reader.view.getUint32(at, true);
        span.endHigh = reader.view.getUint32(at + 4, true);
        break;
      }
      case ATTRIBUTE:
        readTypedAttribute(reader, reader.delimited(), span.attributes);
        break;
      default:
        readRareField(reader, tag, span);
    }
  }
  return problem;
}

function readRareField(reader: ProtobufReader, tag: number, span: SpanDraft): void {
  switch (tag) {
    case NAME:
      span.name = textOf(reader);
      return;
    case KIND:
      span.kind = reader.int64() & 0xff;
      return;
    case STATUS_FIELD:
      readStatus(reader, reader.delimited(), span);
      return;
    case TRACE_STATE:
      span.traceState = textOf(reader);
      return;
    case FLAGS:
      span.flags = reader.fixed32();
      return;
    case EVENT:
      span.events.range(EVENT_FIELD, reader.range());
      return;
    case LINK:
      span.links.range(LINK_FIELD, reader.range());
      return;
    default:
      reader.skip(tag);
  }
}

function readStatus(reader: ProtobufReader, end: number, span: SpanDraft): void {
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === SECOND) span.statusMessage = textOf(reader);
    else if (tag === tagOf(3, WIRE.varint)) span.status = reader.int64() & 0xff;
    else reader.skip(tag);
  }
  reader.leave(end);
}

function readId(
  reader: ProtobufReader,
  span: SpanDraft,
  field: string,
  from: number,
  to: number,
): SpanRefusal | null {
  const id = reader.range();
  if (id.length === to - from) {
    span.ids.set(id, from);
    return null;
  }
  // No parent is written as nothing.
  if (id.length === 0) return null;
  return { reason: 'bad_id', message: `${field} has ${id.length} bytes, expected ${to - from}` };
}

/** Replacement marks stand for what is not UTF-8. */
function textOf(reader: ProtobufReader): string {
  const start = reader.at;
  const text = reader.text();
  if (text !== null) return text;
  const end = reader.at;
  reader.at = start;
  const range = Buffer.from(reader.range()).toString();
  reader.at = end;
  return range;
}
