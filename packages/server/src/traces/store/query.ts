import { type SpanSource, STATUS } from '../sink.ts';
import { ATTRIBUTE_COLUMNS } from '../tables.ts';
import type { StoredSpan } from './span.ts';

/** Which traces: those with a span that satisfies every filter. Times in nanoseconds. */
export interface TraceQuery extends SpanFilter {
  readonly tenant: string;
  /** The span begins from `from` on and before `to`. */
  readonly from: bigint;
  readonly to: bigint;
  /** Traces, those with the newest such spans. */
  readonly limit: number;
}

export interface SpanFilter {
  /** Canonical. */
  readonly services?: readonly string[];
  readonly operation?: string;
  /** OTLP's SpanKind. */
  readonly kind?: number;
  readonly minDuration?: number;
  readonly maxDuration?: number;
  /** Spans that failed, or only those that did not. */
  readonly failed?: boolean;
  /** Attributes of the span or of its resource, compared as text (compat JA-3). */
  readonly attributes?: readonly (readonly [key: string, value: string])[];
}

/** OTLP's SpanKind by Jaeger's word; the index is the kind. */
export const KIND_WORDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

/** Attributes that are columns: how Jaeger names them (compat JA-6). */
export type ColumnFilter =
  | { readonly column: 'failed'; readonly value: boolean }
  | { readonly column: 'kind'; readonly value: number }
  | { readonly column: 'status'; readonly value: number }
  | { readonly column: 'status_message'; readonly value: string };

/** What a filter over a key means when a column holds it; null for an ordinary attribute. */
export function columnFilter(key: string, value: string): ColumnFilter | null {
  if (key === 'error' && (value === 'true' || value === 'false'))
    return { column: 'failed', value: value === 'true' };
  if (key === 'span.kind')
    return { column: 'kind', value: KIND_WORDS.findIndex((word) => word === value.toLowerCase()) };
  if (key === 'otel.status_code')
    return {
      column: 'status',
      value: value === 'ERROR' ? STATUS.error : value === 'OK' ? STATUS.ok : STATUS.unset,
    };
  return key === 'otel.status_description' ? { column: 'status_message', value } : null;
}

/** Whether a source carries an attribute. */
function sourceHas(source: SpanSource | undefined, key: string, value: string): boolean {
  if (source === undefined) return false;
  if (key === 'otel.scope.name' || key === 'otel.library.name') return source.scopeName === value;
  if (key === 'otel.scope.version' || key === 'otel.library.version') return source.scopeVersion === value;
  return source.resource.some((attribute) => attribute.key === key && attribute.value === value);
}

export function isFailed({ status, attributes }: Pick<StoredSpan, 'status' | 'attributes'>): boolean {
  return status === STATUS.error || attributes.some(({ key, value }) => key === 'error' && value === 'true');
}

/** A filter as a function of a span, with what it comes from. */
export function createSpanMatcher(
  filter: SpanFilter,
): (span: StoredSpan, source: () => SpanSource | undefined) => boolean {
  const services = filter.services === undefined ? null : new Set(filter.services);
  return (span, source) => {
    if (services !== null && !services.has(span.service)) return false;
    if (filter.operation !== undefined && span.name !== filter.operation) return false;
    if (filter.kind !== undefined && span.kind !== filter.kind) return false;
    if (filter.minDuration !== undefined && span.duration < filter.minDuration) return false;
    if (filter.maxDuration !== undefined && span.duration > filter.maxDuration) return false;
    if (filter.failed !== undefined && isFailed(span) !== filter.failed) return false;
    for (const [key, value] of filter.attributes ?? [])
      if (!hasAttribute(span, source, key, value)) return false;
    return true;
  };
}

function hasOwn({ attributes }: StoredSpan, key: string, value: string): boolean {
  if (ATTRIBUTE_COLUMNS.has(key))
    return attributes.find((attribute) => attribute.key === key)?.value === value;
  return attributes.some((attribute) => attribute.key === key && attribute.value === value);
}

function hasAttribute(
  span: StoredSpan,
  source: () => SpanSource | undefined,
  key: string,
  value: string,
): boolean {
  const column = columnFilter(key, value);
  if (column === null) return hasOwn(span, key, value) || sourceHas(source(), key, value);
  switch (column.column) {
    case 'failed':
      return isFailed(span) === column.value;
    case 'kind':
      return span.kind === column.value;
    case 'status':
      return span.status === column.value;
    case 'status_message':
      return span.statusMessage === column.value;
  }
}
