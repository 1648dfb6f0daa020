import type { z } from 'zod';
import type { Attribute } from '../../attributes.ts';
import { readEvents, readLinks } from '../../events.ts';
import type { SpanSource } from '../../sink.ts';
import { KIND_WORDS } from '../../store/query.ts';
import type { StoredSpan } from '../../store/span.ts';
import type { spanAnswer } from './shapes.ts';

const STATUS_WORDS = ['unset', 'ok', 'error'] as const;
/** What an attribute's letter says, in words. */
const TYPE_WORDS: Readonly<Record<Attribute['type'], string>> = {
  s: 'string',
  i: 'int',
  d: 'double',
  b: 'bool',
  x: 'bytes',
  j: 'json',
  n: 'none',
};

/** Everything that is known of a span. */
export function spanDetail(span: StoredSpan, source: SpanSource | undefined): z.input<typeof spanAnswer> {
  return {
    trace_id: span.traceId,
    span_id: span.spanId,
    parent_id: span.parentId,
    service: span.service,
    operation: span.name,
    kind: KIND_WORDS[span.kind] ?? 'unspecified',
    status: STATUS_WORDS[span.status] ?? 'unset',
    status_message: span.statusMessage,
    start_ns: String(span.start),
    duration_ns: span.duration,
    trace_state: span.traceState,
    attributes: span.attributes.map(shown),
    events: readEvents(span.events).map(({ time, name, attributes }) => ({
      time_ns: String(time),
      name,
      attributes: attributes.map(shown),
    })),
    links: readLinks(span.links).map(({ traceId, spanId, attributes }) => ({
      trace_id: traceId,
      span_id: spanId,
      attributes: attributes.map(shown),
    })),
    resource: (source?.resource ?? []).map(shown),
    scope: { name: source?.scopeName ?? '', version: source?.scopeVersion ?? '' },
  };
}

function shown({ key, type, value }: Attribute) {
  return { key, type: TYPE_WORDS[type], value };
}
