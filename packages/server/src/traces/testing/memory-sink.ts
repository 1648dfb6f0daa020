import type { Attribute } from '../attributes.ts';
import { readEvents, readLinks, type SpanEvent, type SpanLink } from '../events.ts';
import type { SpanRefusal, SpanSink, SpanSource } from '../sink.ts';

/** A span as a door handed it over. */
export interface TakenSpan {
  readonly source: SpanSource;
  /** Trace, span and parent id in hex. */
  readonly ids: string;
  readonly start: bigint;
  readonly end: bigint;
  readonly kind: number;
  readonly status: number;
  readonly name: string;
  readonly statusMessage: string;
  readonly traceState: string;
  readonly flags: number;
  readonly attributes: readonly Attribute[];
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
}

/** A sink that keeps what it is handed, without rules, for tests of doors. */
export class MemorySpanSink implements SpanSink {
  spans: TakenSpan[] = [];
  refused: SpanRefusal[] = [];

  appender() {
    const sources: SpanSource[] = [];
    const taken: TakenSpan[] = [];
    const refused: SpanRefusal[] = [];
    return {
      source: (source: SpanSource) => sources.push(source) - 1,
      append: (ref: number, span: Parameters<ReturnType<SpanSink['appender']>['append']>[1]) => {
        const time = (low: number, high: number): bigint => (BigInt(high) << 32n) | BigInt(low);
        taken.push({
          source: sources[ref] ?? {
            resource: [],
            scopeName: '',
            scopeVersion: '',
            scope: [],
            schemaUrl: '',
          },
          ids: Buffer.from(span.ids).toString('hex'),
          start: time(span.startLow, span.startHigh),
          end: time(span.endLow, span.endHigh),
          kind: span.kind,
          status: span.status,
          name: span.name,
          statusMessage: span.statusMessage,
          traceState: span.traceState,
          flags: span.flags,
          attributes: span.attributes.list(),
          events: readEvents(span.events.bytes),
          links: readLinks(span.links.bytes),
        });
      },
      refuse: (refusal: SpanRefusal) => void refused.push(refusal),
      commit: () => {
        this.spans = taken;
        this.refused = refused;
        return Promise.resolve({ stored: taken.length, duplicates: 0, refused: [] });
      },
      rollback: () => {},
    };
  }
}
