import {
  type Attributes,
  type AttributeValue,
  type HrTime,
  SpanKind,
  SpanStatusCode,
} from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';

/**
 * Spans as Jaeger's collector takes them over HTTP: one bare `Batch` of jaeger.thrift in Thrift's binary protocol
 * (https://github.com/jaegertracing/jaeger-idl, thrift/jaeger.thrift). Written by hand: OpenTelemetry has given its exporter up.
 */
export const JAEGER_CONTENT_TYPE = 'application/vnd.apache.thrift.binary';

/** Thrift's types on the wire. */
const Type = { Stop: 0, Bool: 2, Double: 4, I32: 8, I64: 10, String: 11, Struct: 12, List: 15 } as const;
type Type = (typeof Type)[keyof typeof Type];

const TagType = { String: 0, Double: 1, Bool: 2, Long: 3 } as const;

const KIND: Readonly<Record<SpanKind, string | undefined>> = {
  [SpanKind.INTERNAL]: undefined,
  [SpanKind.SERVER]: 'server',
  [SpanKind.CLIENT]: 'client',
  [SpanKind.PRODUCER]: 'producer',
  [SpanKind.CONSUMER]: 'consumer',
};

/** One batch of one process: all spans must have the resource of the first. */
export function encodeBatch(service: string, spans: readonly ReadableSpan[]): Buffer {
  const out = new ThriftWriter();
  const { 'service.name': _name, ...process } = spans[0]?.resource.attributes ?? {};
  out.field(Type.Struct, 1);
  out.field(Type.String, 1).string(service);
  writeTags(out, 2, process);
  out.stop();
  out.field(Type.List, 2).list(Type.Struct, spans.length);
  for (const span of spans) writeSpan(out, span);
  out.stop();
  return out.bytes();
}

function writeSpan(out: ThriftWriter, span: ReadableSpan): void {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const parent = span.parentSpanContext;
  out.field(Type.I64, 1).id(traceId.slice(16));
  out.field(Type.I64, 2).id(traceId.slice(0, 16));
  out.field(Type.I64, 3).id(spanId);
  out.field(Type.I64, 4).id(parent?.spanId ?? '0'.repeat(16));
  out.field(Type.String, 5).string(span.name);
  if (span.links.length > 0) {
    out.field(Type.List, 6).list(Type.Struct, span.links.length);
    for (const { context } of span.links) {
      out.field(Type.I32, 1).i32(1); // FOLLOWS_FROM
      out.field(Type.I64, 2).id(context.traceId.slice(16));
      out.field(Type.I64, 3).id(context.traceId.slice(0, 16));
      out.field(Type.I64, 4).id(context.spanId);
      out.stop();
    }
  }
  out.field(Type.I32, 7).i32(traceFlags);
  out.field(Type.I64, 8).i64(micros(span.startTime));
  out.field(Type.I64, 9).i64(micros(span.duration));
  writeTags(out, 10, tagsOf(span));
  out.field(Type.List, 11).list(Type.Struct, span.events.length);
  for (const { time, name, attributes = {} } of span.events) {
    out.field(Type.I64, 1).i64(micros(time));
    writeTags(out, 2, { event: name, ...attributes });
    out.stop();
  }
  out.stop();
}

function tagsOf({ kind, status, attributes, instrumentationScope: scope }: ReadableSpan): Attributes {
  return {
    ...attributes,
    'otel.scope.name': scope.name,
    'otel.scope.version': scope.version,
    'span.kind': KIND[kind],
    ...(status.code === SpanStatusCode.ERROR && {
      error: true,
      'otel.status_code': 'ERROR',
      'otel.status_description': status.message,
    }),
    ...(status.code === SpanStatusCode.OK && { 'otel.status_code': 'OK' }),
  };
}

function writeTags(out: ThriftWriter, id: number, attributes: Attributes): void {
  const tags = Object.entries(attributes).filter(
    (entry): entry is [string, AttributeValue] => entry[1] !== undefined && entry[1] !== null,
  );
  out.field(Type.List, id).list(Type.Struct, tags.length);
  for (const [key, value] of tags) {
    out.field(Type.String, 1).string(key);
    writeTagValue(out, value);
    out.stop();
  }
}

function writeTagValue(out: ThriftWriter, value: AttributeValue): void {
  if (typeof value === 'boolean') {
    out.field(Type.I32, 2).i32(TagType.Bool);
    out.field(Type.Bool, 5).bool(value);
  } else if (typeof value === 'number' && Number.isSafeInteger(value)) {
    out.field(Type.I32, 2).i32(TagType.Long);
    out.field(Type.I64, 6).i64(BigInt(value));
  } else if (typeof value === 'number') {
    out.field(Type.I32, 2).i32(TagType.Double);
    out.field(Type.Double, 4).double(value);
  } else {
    out.field(Type.I32, 2).i32(TagType.String);
    out.field(Type.String, 3).string(typeof value === 'string' ? value : JSON.stringify(value));
  }
}

function micros([seconds, nanos]: HrTime): bigint {
  return BigInt(seconds) * 1_000_000n + BigInt(Math.floor(nanos / 1_000));
}

/** Thrift's binary protocol (https://github.com/apache/thrift, doc/specs/thrift-binary-protocol.md), as far as it is needed here. */
class ThriftWriter {
  #buffer = Buffer.allocUnsafe(16 * 1024);
  #length = 0;

  field(type: Type, id: number): this {
    const at = this.#room(3);
    this.#buffer.writeUInt8(type, at);
    this.#buffer.writeInt16BE(id, at + 1);
    return this;
  }

  stop(): void {
    this.#buffer.writeUInt8(Type.Stop, this.#room(1));
  }

  list(type: Type, length: number): void {
    this.#buffer.writeUInt8(type, this.#room(1));
    this.i32(length);
  }

  bool(value: boolean): void {
    this.#buffer.writeUInt8(value ? 1 : 0, this.#room(1));
  }

  i32(value: number): void {
    this.#buffer.writeInt32BE(value, this.#room(4));
  }

  i64(value: bigint): void {
    this.#buffer.writeBigInt64BE(value, this.#room(8));
  }

  double(value: number): void {
    this.#buffer.writeDoubleBE(value, this.#room(8));
  }

  /** 16 hex digits; Thrift has signed numbers only, the bits are what counts. */
  id(hex: string): void {
    this.#buffer.write(hex, this.#room(8), 'hex');
  }

  string(text: string): void {
    const bytes = Buffer.byteLength(text);
    this.i32(bytes);
    this.#buffer.write(text, this.#room(bytes));
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #room(bytes: number): number {
    const at = this.#length;
    this.#length += bytes;
    if (this.#length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, 2 * this.#buffer.length));
      this.#buffer.copy(larger, 0, 0, at);
      this.#buffer = larger;
    }
    return at;
  }
}
