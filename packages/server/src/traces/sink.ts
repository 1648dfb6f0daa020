import type { Refusal, RefusedCount } from '../kernel/refusals.ts';
import { ProtobufWriter } from '../kernel/wire/protobuf-writer.ts';
import { type Attribute, AttributeBuffer } from './attributes.ts';

/** Where every way in hands its spans. One appender per request. */
export interface SpanSink {
  appender(tenant: string): SpanAppender;
}

/** A resource with a scope, as an appender knows it. */
export type SourceRef = number;

/** Who made spans: a resource and the instrumentation scope in it. */
export interface SpanSource {
  readonly resource: readonly Attribute[];
  readonly scopeName: string;
  readonly scopeVersion: string;
  readonly scope: readonly Attribute[];
  readonly schemaUrl: string;
}

/** OTLP's SpanKind. */
export const SPAN_KIND = {
  unspecified: 0,
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
} as const;

/** OTLP's StatusCode. */
export const STATUS = { unset: 0, ok: 1, error: 2 } as const;

/** Where the ids of {@link SpanDraft.ids} lie. */
export const ID_OFFSET = { trace: 0, span: 16, parent: 24, end: 32 } as const;

/** One span, used again from span to span by its door: the appender copies what it keeps. */
export class SpanDraft {
  /** Trace id (16 bytes), span id (8), parent span id (8); zeros for no parent. */
  readonly ids = new Uint8Array(ID_OFFSET.end);
  /** Nanoseconds since the epoch in two unsigned words. */
  startLow = 0;
  startHigh = 0;
  endLow = 0;
  endHigh = 0;
  kind = 0;
  status = 0;
  name = '';
  statusMessage = '';
  traceState = '';
  flags = 0;
  readonly attributes = new AttributeBuffer();
  /** OTLP's Span.events and Span.links: fields 11 and 13. */
  readonly events = new ProtobufWriter();
  readonly links = new ProtobufWriter();

  clear(): void {
    this.ids.fill(0);
    this.startLow = 0;
    this.startHigh = 0;
    this.endLow = 0;
    this.endHigh = 0;
    this.kind = 0;
    this.status = 0;
    this.name = '';
    this.statusMessage = '';
    this.traceState = '';
    this.flags = 0;
    this.attributes.clear();
    this.events.clear();
    this.links.clear();
  }
}

export interface SpanAppender {
  /** The ref of a source, or why its spans may not be taken. */
  source(source: SpanSource): SourceRef | SpanRefusal;
  /** Takes a span, or counts it as refused. */
  append(source: SourceRef, span: SpanDraft): void;
  /** Counts a span as refused. */
  refuse(refusal: SpanRefusal): void;
  /** Durable when it resolves. Rejects with a journal error or `traces.busy` when nothing was stored. */
  commit(): Promise<SpanReport>;
  /** Lets go of everything; for a request that turned out to be malformed. */
  rollback(): void;
}

/** Why a span was not taken. Bounded in number: it is a label of the telemetry. */
export type RefusalReason =
  | 'bad_id'
  | 'too_old'
  | 'too_far_ahead'
  | 'span_too_large'
  | 'too_many_attributes'
  | 'source_limit'
  | 'malformed';

export type SpanRefusal = Refusal<RefusalReason>;

export interface SpanReport {
  readonly stored: number;
  /** Trace id, span id and side are there already: accepted, not stored twice. */
  readonly duplicates: number;
  /** By reason, each with its first message. */
  readonly refused: readonly RefusedCount<RefusalReason>[];
}
