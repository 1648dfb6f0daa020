import { checkAttributes } from '../../../kernel/wire/otlp-attributes.ts';
import type { Attribute } from '../../attributes.ts';
import { type SpanLink, writeEvent, writeLink } from '../../events.ts';
import { ID_OFFSET, SPAN_KIND, type SpanDraft, STATUS } from '../../sink.ts';
import type { IngestSession } from '../session.ts';
import { THRIFT, ThriftReader } from './thrift.ts';

/**
 * Reads one bare `Batch {process 1, spans 2}` of Jaeger's IDL (jaeger.thrift; compat JT-1, JT-2). Tags become attributes; `span.kind`, `error`
 * and `otel.status_*` also say what OTLP has fields for (JA-6, the other way round). Throws `wire.malformed`.
 */
export async function readJaegerBatch(bytes: Uint8Array, session: IngestSession): Promise<void> {
  const ahead = new ThriftReader(bytes);
  let resource: Attribute[] = [];
  // The whole batch is looked at before a span is taken: process and spans may come in either order.
  const places: { at: number; count: number }[] = [];
  ahead.struct(() => {
    if (ahead.isField(1, THRIFT.struct)) resource = readProcess(ahead);
    else if (ahead.isField(2, THRIFT.list)) {
      const count = ahead.list(THRIFT.struct);
      places.push({ at: ahead.at, count });
      for (let i = 0; i < count; i++) ahead.skip(THRIFT.struct);
    } else ahead.skip(ahead.fieldType);
  });
  const source = session.source({ resource, scopeName: '', scopeVersion: '', scope: [], schemaUrl: '' });
  const reader = new ThriftReader(bytes);
  for (const { at, count } of places) {
    reader.at = at;
    for (let i = 0; i < count; i++) {
      readSpan(reader, session.span);
      session.take(source);
      if (session.tired) await session.rest();
    }
  }
}

function readProcess(reader: ThriftReader): Attribute[] {
  const attributes: Attribute[] = [];
  reader.struct(() => {
    if (reader.isField(1, THRIFT.string))
      attributes.unshift({ key: 'service.name', type: 's', value: reader.text() });
    else if (reader.isField(2, THRIFT.list)) readTags(reader, (tag) => attributes.push(tag));
    else reader.skip(reader.fieldType);
  });
  return attributes;
}

function readTags(reader: ThriftReader, take: (tag: Attribute) => void): void {
  const count = reader.list(THRIFT.struct);
  checkAttributes(count);
  for (let i = 0; i < count; i++) take(readTag(reader));
}

/** Tag types by number: string, double, bool, long, binary. */
function readTag(reader: ThriftReader): Attribute {
  let key = '';
  let type = 0;
  let [text, double, bool, long, binary] = ['', 0, false, 0n, ''];
  reader.struct(() => {
    if (reader.isField(1, THRIFT.string)) key = reader.text();
    else if (reader.isField(2, THRIFT.i32)) type = reader.i32();
    else if (reader.isField(3, THRIFT.string)) text = reader.text();
    else if (reader.isField(4, THRIFT.double)) double = reader.double();
    else if (reader.isField(5, THRIFT.bool)) bool = reader.bool();
    else if (reader.isField(6, THRIFT.i64)) long = reader.i64();
    else if (reader.isField(7, THRIFT.string)) binary = reader.binary().toString('base64');
    else reader.skip(reader.fieldType);
  });
  if (type === 1) return { key, type: 'd', value: String(double) };
  if (type === 2) return { key, type: 'b', value: String(bool) };
  if (type === 3) return { key, type: 'i', value: String(long) };
  return type === 4 ? { key, type: 'x', value: binary } : { key, type: 's', value: text };
}

interface Times {
  start: bigint;
  duration: bigint;
}

function readSpan(reader: ThriftReader, span: SpanDraft): void {
  const times: Times = { start: 0n, duration: 0n };
  const references: { readonly type: number; readonly ids: Buffer }[] = [];
  span.clear();
  reader.struct(() => {
    if (reader.fieldType === THRIFT.i64) readNumber(reader, span, times);
    else if (reader.isField(5, THRIFT.string)) span.name = reader.text();
    else if (reader.isField(6, THRIFT.list)) {
      const count = reader.list(THRIFT.struct);
      checkAttributes(count);
      for (let i = 0; i < count; i++) references.push(readReference(reader));
    } else if (reader.isField(7, THRIFT.i32)) span.flags = reader.i32() & 0xff;
    else if (reader.isField(10, THRIFT.list)) readTags(reader, (tag) => takeTag(tag, span));
    else if (reader.isField(11, THRIFT.list)) readLogs(reader, span);
    else reader.skip(reader.fieldType);
  });
  const end = times.start + (times.duration > 0n ? times.duration : 0n);
  span.startLow = low(times.start);
  span.startHigh = high(times.start);
  span.endLow = low(end);
  span.endHigh = high(end);
  takeReferences(references, span);
}

/** Ids are signed on the wire and unsigned in truth: their bytes are what counts. */
function readNumber(reader: ThriftReader, span: SpanDraft, times: Times): void {
  switch (reader.fieldId) {
    case 1:
      return reader.i64Into(span.ids, ID_OFFSET.trace + 8);
    case 2:
      return reader.i64Into(span.ids, ID_OFFSET.trace);
    case 3:
      return reader.i64Into(span.ids, ID_OFFSET.span);
    case 4:
      return reader.i64Into(span.ids, ID_OFFSET.parent);
    case 8:
      times.start = nanosOf(reader.i64());
      return;
    case 9:
      times.duration = nanosOf(reader.i64());
      return;
    default:
      reader.skip(THRIFT.i64);
  }
}

/** Microseconds as nanoseconds; what is before 1970 or beyond 64 bits is no time (0), which the sink refuses. */
function nanosOf(micros: bigint): bigint {
  const nanos = micros * 1000n;
  return nanos < 0n || nanos >= 2n ** 63n ? 0n : nanos;
}

function low(time: bigint): number {
  return Number(time & 0xffffffffn);
}

function high(time: bigint): number {
  return Number((time >> 32n) & 0xffffffffn);
}

const KINDS: ReadonlyMap<string, number> = new Map(Object.entries(SPAN_KIND));

function takeTag(tag: Attribute, span: SpanDraft): void {
  const { key, type, value } = tag;
  if (key === 'span.kind' && KINDS.has(value)) {
    span.kind = KINDS.get(value) ?? 0;
    return;
  }
  if (key === 'otel.status_code' && (value === 'OK' || value === 'ERROR')) {
    span.status = value === 'OK' ? STATUS.ok : STATUS.error;
    return;
  }
  if (key === 'otel.status_description') {
    span.statusMessage = value;
    return;
  }
  if (key === 'w3c.tracestate') {
    span.traceState = value;
    return;
  }
  if (key === 'error' && value === 'true' && span.status === STATUS.unset) span.status = STATUS.error;
  span.attributes.add(key, type, value);
}

/** A log is an event, named by its field `event`. */
function readLogs(reader: ThriftReader, span: SpanDraft): void {
  const count = reader.list(THRIFT.struct);
  checkAttributes(count);
  for (let i = 0; i < count; i++) {
    let time = 0n;
    let name = '';
    const attributes: Attribute[] = [];
    reader.struct(() => {
      if (reader.isField(1, THRIFT.i64)) time = nanosOf(reader.i64());
      else if (reader.isField(2, THRIFT.list))
        readTags(reader, (tag) => {
          if (tag.key === 'event' && name === '') name = tag.value;
          else attributes.push(tag);
        });
      else reader.skip(reader.fieldType);
    });
    writeEvent(span.events, { time, name, attributes });
  }
}

function readReference(reader: ThriftReader): { readonly type: number; readonly ids: Buffer } {
  let type = 0;
  const ids = Buffer.alloc(24);
  reader.struct(() => {
    if (reader.isField(1, THRIFT.i32)) type = reader.i32();
    else if (reader.isField(2, THRIFT.i64)) reader.i64Into(ids, 8);
    else if (reader.isField(3, THRIFT.i64)) reader.i64Into(ids, 0);
    else if (reader.isField(4, THRIFT.i64)) reader.i64Into(ids, 16);
    else reader.skip(reader.fieldType);
  });
  return { type, ids };
}

const CHILD_OF = 0;

/** The first CHILD_OF within the trace names the parent where the span itself does not; the others are links. */
function takeReferences(
  references: readonly { readonly type: number; readonly ids: Buffer }[],
  span: SpanDraft,
): void {
  const own = Buffer.from(span.ids.buffer, span.ids.byteOffset, span.ids.length);
  for (const { type, ids } of references) {
    const sameTrace = ids.subarray(0, 16).equals(own.subarray(ID_OFFSET.trace, ID_OFFSET.span));
    const parent = own.subarray(ID_OFFSET.parent, ID_OFFSET.end);
    if (type === CHILD_OF && sameTrace) {
      if (parent.every((byte) => byte === 0)) span.ids.set(ids.subarray(16), ID_OFFSET.parent);
      if (ids.subarray(16).equals(own.subarray(ID_OFFSET.parent, ID_OFFSET.end))) continue;
    }
    const link: SpanLink = {
      traceId: ids.toString('hex', 0, 16),
      spanId: ids.toString('hex', 16),
      traceState: '',
      flags: 0,
      attributes: [],
    };
    writeLink(span.links, link);
  }
}
