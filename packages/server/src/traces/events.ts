import { wireErrors } from '../kernel/wire/errors.ts';
import { type AnyValue, readAnyValue, valueJson } from '../kernel/wire/otlp-attributes.ts';
import { ProtobufReader, tagOf, WIRE } from '../kernel/wire/protobuf.ts';
import type { ProtobufWriter } from '../kernel/wire/protobuf-writer.ts';
import { type Attribute, AttributeBuffer } from './attributes.ts';

/** The numbers of Span.events and Span.links in OTLP's Span. */
export const EVENT_FIELD = 11;
export const LINK_FIELD = 13;

/** Something that happened at a time in a span. */
export interface SpanEvent {
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly name: string;
  readonly attributes: readonly Attribute[];
}

/** Another span that this one has to do with. */
export interface SpanLink {
  /** Hex, 32 digits. */
  readonly traceId: string;
  /** Hex, 16 digits. */
  readonly spanId: string;
  readonly traceState: string;
  readonly flags: number;
  readonly attributes: readonly Attribute[];
}

/** Adds an event as OTLP's Span has it. */
export function writeEvent(writer: ProtobufWriter, { time, name, attributes }: SpanEvent): void {
  writer.message(EVENT_FIELD, (event) => {
    event.words(1, Number(time & 0xffffffffn), Number((time >> 32n) & 0xffffffffn));
    if (name !== '') event.text(2, name);
    for (const attribute of attributes) writeAttribute(event, 3, attribute);
  });
}

/** Adds a link as OTLP's Span has it. */
export function writeLink(
  writer: ProtobufWriter,
  { traceId, spanId, traceState, flags, attributes }: SpanLink,
): void {
  writer.message(LINK_FIELD, (link) => {
    link.range(1, Buffer.from(traceId, 'hex')).range(2, Buffer.from(spanId, 'hex'));
    if (traceState !== '') link.text(3, traceState);
    for (const attribute of attributes) writeAttribute(link, 4, attribute);
    if (flags !== 0) link.fixed32(6, flags);
  });
}

function writeAttribute(writer: ProtobufWriter, field: number, { key, type, value }: Attribute): void {
  writer.message(field, (pair) => {
    pair.text(1, key);
    pair.message(2, (any) => {
      if (type === 's') any.text(1, value);
      else if (type === 'b') any.varint(2, value === 'true' ? 1 : 0);
      else if (type === 'i') writeInteger(any, value);
      else if (type === 'd') any.double(4, Number(value));
      else if (type === 'x') any.range(7, Buffer.from(value, 'base64'));
      else if (type === 'j') writeAny(any, parsedJson(value));
    });
  });
}

/** Texts that are no integer of 64 bits stay texts. */
function writeInteger(any: ProtobufWriter, text: string): void {
  const value = /^-?\d{1,19}$/.test(text) ? BigInt(text) : null;
  if (value !== null && BigInt.asIntN(64, value) === value) any.int64(3, value);
  else any.text(1, text);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function writeAny(any: ProtobufWriter, value: unknown): void {
  if (typeof value === 'string') any.text(1, value);
  else if (typeof value === 'boolean') any.varint(2, value ? 1 : 0);
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) any.varint(3, value);
    else any.double(4, value);
  } else if (Array.isArray(value))
    any.message(5, (list) => {
      for (const item of value) list.message(1, (inner) => writeAny(inner, item));
    });
  else if (typeof value === 'object' && value !== null)
    any.message(6, (map) => {
      for (const [key, item] of Object.entries(value))
        map.message(1, (pair) => pair.text(1, key).message(2, (inner) => writeAny(inner, item)));
    });
}

/** Reads a KeyValue {key 1, value 2} that ends at `end`. Texts are copied as the bytes they are. */
export function readTypedAttribute(reader: ProtobufReader, end: number, into: AttributeBuffer): void {
  const { bytes } = reader;
  let keyStart = 0;
  let keyEnd = 0;
  let valueStart = -1;
  let valueEnd = -1;
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === KEY) {
      keyEnd = reader.delimited();
      keyStart = reader.at;
      reader.at = keyEnd;
    } else if (tag === VALUE) {
      valueEnd = reader.delimited();
      valueStart = reader.at;
      reader.at = valueEnd;
    } else reader.skip(tag);
  }
  reader.leave(end);
  into.key(bytes, keyStart, keyEnd);
  if (valueStart === valueEnd) {
    into.textValue('n', '');
    return;
  }
  reader.at = valueStart;
  readTypedValue(reader, valueEnd, into);
  reader.at = end;
}

const KEY = tagOf(1, WIRE.bytes);
const VALUE = tagOf(2, WIRE.bytes);
const STRING = tagOf(1, WIRE.bytes);
const BOOL = tagOf(2, WIRE.varint);
const INT = tagOf(3, WIRE.varint);
const DOUBLE = tagOf(4, WIRE.fixed64);
const BYTES = tagOf(7, WIRE.bytes);

function readTypedValue(reader: ProtobufReader, end: number, into: AttributeBuffer): void {
  const start = reader.at;
  const tag = reader.uint32();
  if (tag === STRING) {
    const textEnd = reader.delimited();
    if (textEnd === end) {
      into.bytesValue(reader.bytes, reader.at, textEnd);
      return;
    }
  } else if (tag === INT) {
    const text = reader.int64Text();
    if (reader.at === end) return into.textValue('i', text);
  } else if (tag === BOOL) {
    const value = reader.bool();
    if (reader.at === end) return into.textValue('b', value ? 'true' : 'false');
  } else if (tag === DOUBLE) {
    const value = reader.double();
    if (reader.at === end) return into.textValue('d', String(value));
  } else if (tag === BYTES) {
    const range = reader.range();
    if (reader.at === end) return into.textValue('x', Buffer.from(range).toString('base64'));
  }
  // A list, a map, or a message that says more than one thing: the slow way, where the last counts.
  reader.at = start;
  const outer = reader.end;
  reader.end = end;
  const value = readAnyValue(reader, end);
  reader.end = outer;
  addAny(value, into);
}

/** Adds the value of the key that was just written. */
function addAny(value: AnyValue, into: AttributeBuffer): void {
  if (value === null) into.textValue('n', '');
  else if (typeof value === 'string') into.textValue('s', value);
  else if (typeof value === 'boolean') into.textValue('b', String(value));
  else if (typeof value === 'bigint') into.textValue('i', String(value));
  else if (typeof value === 'number') into.textValue(Number.isSafeInteger(value) ? 'i' : 'd', String(value));
  else into.textValue('j', valueJson(value));
}

/** The events of a span, as they came. What cannot be read is left out: it was stored as it is. */
export function readEvents(bytes: Uint8Array): SpanEvent[] {
  return readMessages(bytes, EVENT_FIELD, (reader, end) => {
    let time = 0n;
    let name = '';
    const attributes = new AttributeBuffer();
    while (reader.at < end) {
      const tag = reader.uint32();
      if (tag === tagOf(1, WIRE.fixed64)) time = reader.view.getBigUint64(reader.fixed64At(), true);
      else if (tag === tagOf(2, WIRE.bytes)) name = textOf(reader);
      else if (tag === tagOf(3, WIRE.bytes)) readTypedAttribute(reader, reader.delimited(), attributes);
      else reader.skip(tag);
    }
    return { time, name, attributes: attributes.list() };
  });
}

/** The links of a span. */
export function readLinks(bytes: Uint8Array): SpanLink[] {
  return readMessages(bytes, LINK_FIELD, (reader, end) => {
    const link = { traceId: '', spanId: '', traceState: '', flags: 0 };
    const attributes = new AttributeBuffer();
    while (reader.at < end) {
      const tag = reader.uint32();
      if (tag === tagOf(1, WIRE.bytes)) link.traceId = Buffer.from(reader.range()).toString('hex');
      else if (tag === tagOf(2, WIRE.bytes)) link.spanId = Buffer.from(reader.range()).toString('hex');
      else if (tag === tagOf(3, WIRE.bytes)) link.traceState = textOf(reader);
      else if (tag === tagOf(4, WIRE.bytes)) readTypedAttribute(reader, reader.delimited(), attributes);
      else if (tag === tagOf(6, WIRE.fixed32)) link.flags = reader.fixed32();
      else reader.skip(tag);
    }
    return { ...link, attributes: attributes.list() };
  });
}

function readMessages<Found>(
  bytes: Uint8Array,
  field: number,
  read: (reader: ProtobufReader, end: number) => Found,
): Found[] {
  if (bytes.length === 0) return [];
  const found: Found[] = [];
  const reader = new ProtobufReader().reset(bytes);
  try {
    while (reader.at < bytes.length) {
      const tag = reader.uint32();
      if (tag !== tagOf(field, WIRE.bytes)) {
        reader.skip(tag);
        continue;
      }
      const end = reader.delimited();
      found.push(read(reader, end));
      reader.at = end;
    }
  } catch (error) {
    if (!wireErrors.is(error, 'malformed')) throw error;
  }
  return found;
}

function textOf(reader: ProtobufReader): string {
  return Buffer.from(reader.range()).toString();
}
