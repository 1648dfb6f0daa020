import type { Attribute } from '../attributes.ts';
import type { SpanSource } from '../sink.ts';

/** A span read back. */
export interface StoredSpan {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** Empty for none. */
  readonly parentId: string;
  /** Nanoseconds since the epoch. */
  readonly start: bigint;
  /** Nanoseconds. */
  readonly duration: number;
  /** OTLP's SpanKind and StatusCode. */
  readonly kind: number;
  readonly status: number;
  /** Canonical. */
  readonly service: string;
  readonly name: string;
  /** Names a {@link SpanSource}. */
  readonly source: bigint;
  readonly statusMessage: string;
  readonly traceState: string;
  readonly flags: number;
  readonly attributes: readonly Attribute[];
  /** OTLP's Span.events (field 11) and Span.links (field 13), protobuf. */
  readonly events: Uint8Array;
  readonly links: Uint8Array;
}

/** What the shape of a trace is made of: a span without what else was said about it. */
export interface SpanOutline
  extends Pick<StoredSpan, 'spanId' | 'parentId' | 'start' | 'duration' | 'kind' | 'service' | 'name'> {
  readonly failed: boolean;
}

/** The spans of one trace in order of their start, each once, with what they come from. */
export interface StoredTrace {
  readonly traceId: string;
  readonly spans: readonly StoredSpan[];
  readonly sources: ReadonlyMap<bigint, SpanSource>;
}

/** What tells two spans apart: Zipkin's two sides of one share their ids. */
export function spanKey({ traceId, spanId, kind }: StoredSpan): string {
  return `${traceId} ${spanId} ${kind}`;
}

export function compareStarts(
  a: Pick<StoredSpan, 'start' | 'spanId' | 'kind'>,
  b: Pick<StoredSpan, 'start' | 'spanId' | 'kind'>,
): number {
  if (a.start !== b.start) return a.start < b.start ? -1 : 1;
  return a.spanId < b.spanId ? -1 : a.spanId > b.spanId ? 1 : a.kind - b.kind;
}
