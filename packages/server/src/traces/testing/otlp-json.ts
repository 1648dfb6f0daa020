import { ProtobufWriter } from '../../kernel/wire/protobuf-writer.ts';

/** OTLP JSON as tests write it: enough of it to be written as protobuf too. */
export interface JsonAnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string;
  readonly doubleValue?: number;
  readonly bytesValue?: string;
  readonly arrayValue?: { readonly values: readonly JsonAnyValue[] };
  readonly kvlistValue?: { readonly values: readonly JsonAttribute[] };
}

export interface JsonAttribute {
  readonly key: string;
  readonly value: JsonAnyValue;
}

export interface JsonSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name?: string;
  readonly kind?: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly JsonAttribute[];
  readonly events?: readonly {
    readonly timeUnixNano: string;
    readonly name: string;
    readonly attributes?: readonly JsonAttribute[];
  }[];
  readonly links?: readonly {
    readonly traceId: string;
    readonly spanId: string;
    readonly attributes?: readonly JsonAttribute[];
  }[];
  readonly status?: { readonly code: number; readonly message?: string };
  readonly flags?: number;
}

export interface JsonTraceRequest {
  readonly resourceSpans: readonly {
    readonly resource?: { readonly attributes: readonly JsonAttribute[] };
    readonly scopeSpans: readonly {
      readonly scope?: { readonly name: string; readonly version?: string };
      readonly spans: readonly JsonSpan[];
      readonly schemaUrl?: string;
    }[];
  }[];
}

/** An attribute of a text, number or boolean. */
export function attribute(key: string, value: string | number | boolean): JsonAttribute {
  if (typeof value === 'string') return { key, value: { stringValue: value } };
  if (typeof value === 'boolean') return { key, value: { boolValue: value } };
  return {
    key,
    value: Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value },
  };
}

export function traceProtobuf({ resourceSpans }: JsonTraceRequest): Uint8Array {
  const writer = new ProtobufWriter();
  for (const { resource, scopeSpans } of resourceSpans)
    writer.message(1, (group) => {
      // The resource last: fields may come in any order.
      for (const { scope, spans, schemaUrl } of scopeSpans)
        group.message(2, (part) => {
          for (const span of spans) part.message(2, (inner) => writeSpan(inner, span));
          if (scope !== undefined)
            part.message(1, (inner) => inner.text(1, scope.name).text(2, scope.version ?? ''));
          if (schemaUrl !== undefined) part.text(3, schemaUrl);
        });
      if (resource !== undefined) group.message(1, (inner) => writeAttributes(inner, 1, resource.attributes));
    });
  return writer.bytes;
}

function writeSpan(writer: ProtobufWriter, span: JsonSpan): void {
  writer.range(1, Buffer.from(span.traceId, 'hex')).range(2, Buffer.from(span.spanId, 'hex'));
  if (span.traceState !== undefined) writer.text(3, span.traceState);
  if (span.parentSpanId !== undefined) writer.range(4, Buffer.from(span.parentSpanId, 'hex'));
  if (span.name !== undefined) writer.text(5, span.name);
  if (span.kind !== undefined) writer.varint(6, span.kind);
  writeTime(writer, 7, span.startTimeUnixNano);
  writeTime(writer, 8, span.endTimeUnixNano);
  writeAttributes(writer, 9, span.attributes);
  for (const { timeUnixNano, name, attributes } of span.events ?? [])
    writer.message(11, (event) => {
      writeTime(event, 1, timeUnixNano);
      writeAttributes(event.text(2, name), 3, attributes);
    });
  for (const { traceId, spanId, attributes } of span.links ?? [])
    writer.message(13, (link) => {
      link.range(1, Buffer.from(traceId, 'hex')).range(2, Buffer.from(spanId, 'hex'));
      writeAttributes(link, 4, attributes);
    });
  const { status } = span;
  if (status !== undefined)
    writer.message(15, (inner) => inner.text(2, status.message ?? '').varint(3, status.code));
  if (span.flags !== undefined) writer.fixed32(16, span.flags);
}

function writeTime(writer: ProtobufWriter, field: number, nanos: string): void {
  const time = BigInt(nanos);
  writer.words(field, Number(time & 0xffffffffn), Number(time >> 32n));
}

function writeAttributes(
  writer: ProtobufWriter,
  field: number,
  attributes: readonly JsonAttribute[] | undefined,
): void {
  for (const { key, value } of attributes ?? [])
    writer.message(field, (pair) => pair.text(1, key).message(2, (any) => writeAny(any, value)));
}

function writeAny(any: ProtobufWriter, value: JsonAnyValue): void {
  const { stringValue, boolValue, intValue, doubleValue, bytesValue, arrayValue, kvlistValue } = value;
  if (stringValue !== undefined) any.text(1, stringValue);
  if (boolValue !== undefined) any.varint(2, boolValue ? 1 : 0);
  if (intValue !== undefined) any.varint(3, Number(intValue));
  if (doubleValue !== undefined) any.double(4, doubleValue);
  if (bytesValue !== undefined) any.range(7, Buffer.from(bytesValue, 'base64'));
  if (arrayValue !== undefined)
    any.message(5, (list) => {
      for (const item of arrayValue.values) list.message(1, (inner) => writeAny(inner, item));
    });
  if (kvlistValue !== undefined) any.message(6, (map) => writeAttributes(map, 1, kvlistValue.values));
}
