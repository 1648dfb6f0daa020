import type { Attribute } from '../../attributes.ts';
import { readEvents, readLinks } from '../../events.ts';
import type { SpanSource } from '../../sink.ts';
import type { StoredSpan, StoredTrace } from '../../store/span.ts';

/** A trace as OTLP's JSON (`{"resourceSpans": […]}`, ids in hex, enums as numbers; compat JA-7), in pieces. */
export function* otlpPieces(traces: readonly StoredTrace[]): Generator<string> {
  yield '{"resourceSpans":[';
  let first = true;
  for (const { spans, sources } of traces) {
    const bySource = new Map<bigint, StoredSpan[]>();
    for (const span of spans) {
      const list = bySource.get(span.source);
      if (list === undefined) bySource.set(span.source, [span]);
      else list.push(span);
    }
    for (const [hash, list] of bySource) {
      yield `${first ? '' : ','}${sourceHead(sources.get(hash))}`;
      first = false;
      for (const [i, span] of list.entries()) yield (i === 0 ? '' : ',') + JSON.stringify(spanJson(span));
      yield ']}]}';
    }
  }
  yield ']}';
}

function sourceHead(source: SpanSource | undefined): string {
  const scope = {
    name: source?.scopeName ?? '',
    ...(source !== undefined && source.scopeVersion !== '' && { version: source.scopeVersion }),
    ...(source !== undefined && source.scope.length > 0 && { attributes: source.scope.map(keyValue) }),
  };
  const resource = { attributes: (source?.resource ?? []).map(keyValue) };
  const url =
    source === undefined || source.schemaUrl === '' ? '' : `"schemaUrl":${JSON.stringify(source.schemaUrl)},`;
  return `{"resource":${JSON.stringify(resource)},"scopeSpans":[{"scope":${JSON.stringify(scope)},${url}"spans":[`;
}

function spanJson(span: StoredSpan) {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.traceState !== '' && { traceState: span.traceState }),
    ...(span.parentId !== '' && { parentSpanId: span.parentId }),
    ...(span.flags !== 0 && { flags: span.flags }),
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: String(span.start),
    endTimeUnixNano: String(span.start + BigInt(span.duration)),
    attributes: span.attributes.map(keyValue),
    events: readEvents(span.events).map(({ time, name, attributes }) => ({
      timeUnixNano: String(time),
      name,
      attributes: attributes.map(keyValue),
    })),
    links: readLinks(span.links).map(({ traceId, spanId, traceState, attributes }) => ({
      traceId,
      spanId,
      ...(traceState !== '' && { traceState }),
      attributes: attributes.map(keyValue),
    })),
    status: {
      ...(span.status !== 0 && { code: span.status }),
      ...(span.statusMessage !== '' && { message: span.statusMessage }),
    },
  };
}

function keyValue({ key, type, value }: Attribute) {
  switch (type) {
    case 'b':
      return { key, value: { boolValue: value === 'true' } };
    case 'i':
      return { key, value: { intValue: value } };
    case 'd': {
      const number = Number(value);
      return { key, value: { doubleValue: Number.isFinite(number) ? number : value } };
    }
    case 'x':
      return { key, value: { bytesValue: value } };
    case 'j':
      return { key, value: anyValue(parsed(value)) };
    case 'n':
      return { key, value: {} };
    case 's':
      return { key, value: { stringValue: value } };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function anyValue(value: unknown): unknown {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  if (typeof value === 'object' && value !== null)
    return {
      kvlistValue: { values: Object.entries(value).map(([key, item]) => ({ key, value: anyValue(item) })) },
    };
  return {};
}
