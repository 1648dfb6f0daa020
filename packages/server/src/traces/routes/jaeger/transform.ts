import type { ServiceNames } from '../../../kernel/names.ts';
import { Refusals } from '../../../kernel/refusals.ts';
import { inSlices, type Sliced, sortSliced, visitSliced } from '../../../kernel/sliced.ts';
import { tracesErrors } from '../../errors.ts';
import { readOtlpJson } from '../../ingest/otlp/json.ts';
import { IngestSession } from '../../ingest/session.ts';
import type {
  RefusalReason,
  SourceRef,
  SpanAppender,
  SpanDraft,
  SpanRefusal,
  SpanReport,
  SpanSource,
} from '../../sink.ts';
import { durationOf } from '../../store/appender.ts';
import { ChunkWriter, readSpan } from '../../store/chunk.ts';
import { serviceOf } from '../../store/sources.ts';
import { compareStarts, type StoredSpan, type StoredTrace } from '../../store/span.ts';

/** The traces in OTLP's JSON, nothing of them stored: Jaeger's UI has a file that is dropped on it read so. Throws `wire.malformed`, or `traces.malformed` when no span of it could be taken. */
export async function tracesInJson(
  body: Uint8Array,
  names: ServiceNames,
  breathe: () => Promise<void>,
): Promise<StoredTrace[]> {
  const collector = new TraceCollector(names);
  await readOtlpJson(body, new IngestSession(collector, breathe));
  const traces = await inSlices(collector.traces(), breathe);
  const { refused } = await collector.commit();
  if (traces.length === 0)
    throw tracesErrors.make(
      'malformed',
      refused[0]?.message ?? 'the body has no spans, expected {"resourceSpans": [...]}',
    );
  return traces;
}

/** Keeps the spans of one body. */
class TraceCollector implements SpanAppender {
  readonly #names: ServiceNames;
  readonly #sources: SpanSource[] = [];
  readonly #services: string[] = [];
  readonly #spans = new ChunkWriter('', 0);
  readonly #refused = new Refusals<RefusalReason>();

  constructor(names: ServiceNames) {
    this.#names = names;
  }

  source(source: SpanSource): SourceRef {
    this.#services.push(serviceOf(this.#names, source));
    return this.#sources.push(source) - 1;
  }

  append(ref: SourceRef, span: SpanDraft): void {
    this.#spans.add(span, { low: ref, high: 0, service: this.#services[ref] ?? '' }, durationOf(span));
  }

  refuse(refusal: SpanRefusal): void {
    this.#refused.add(refusal);
  }

  commit(): Promise<SpanReport> {
    return Promise.resolve({ stored: 0, duplicates: 0, refused: this.#refused.list() });
  }

  rollback(): void {}

  /** Each trace in order of its first span. */
  *traces(): Sliced<StoredTrace[]> {
    const chunk = this.#spans.take();
    const spans: StoredSpan[] = [];
    yield* visitSliced(Array(chunk.rows).keys(), (row) => {
      spans.push(readSpan(chunk, row));
    });
    const sources = new Map(this.#sources.map((source, ref) => [BigInt(ref), source]));
    const byTrace = new Map<string, StoredSpan[]>();
    yield* visitSliced(yield* sortSliced(spans, compareStarts), (span) => {
      const known = byTrace.get(span.traceId);
      if (known === undefined) byTrace.set(span.traceId, [span]);
      else known.push(span);
    });
    return [...byTrace].map(([traceId, ofTrace]) => ({ traceId, spans: ofTrace, sources }));
  }
}
