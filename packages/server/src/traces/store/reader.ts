import type { Clock } from '../../kernel/clock.ts';
import { inSlices } from '../../kernel/sliced.ts';
import type { SpanSource } from '../sink.ts';
import type { Asking } from './answer-memory.ts';
import type { SpanChunk } from './chunk.ts';
import { operationsInEngine, servicesInEngine } from './engine-names.ts';
import { findInEngine } from './engine-search.ts';
import { matchingInEngine, type SpansRead } from './engine-spans.ts';
import { summariesInEngine } from './engine-summaries.ts';
import { eachOnce, type LoaderParts, TraceLoader } from './loader.ts';
import {
  findInChunks,
  hasTrace,
  matchingInChunks,
  newestFirst,
  newestSpans,
  spansInChunks,
  type TraceHit,
} from './memory-search.ts';
import type { Operation, Operations } from './operations.ts';
import { orWarn } from './or-warn.ts';
import {
  onePerTrace,
  pointsInEngine,
  pointsOfSpans,
  type StoredPoints,
  slowestOfQuery,
  type TracePoint,
} from './points.ts';
import type { TraceQuery } from './query.ts';
import type { SpanOutline, StoredSpan, StoredTrace } from './span.ts';
import { servicesOf, summarized, type TraceSummary } from './summary.ts';

export interface ReaderParts extends LoaderParts {
  readonly clock: Clock;
  readonly operations: Operations;
}

/** Found traces, with what an answer should warn of. */
export interface TraceAnswer {
  readonly traces: readonly StoredTrace[];
  readonly warnings: readonly string[];
}

const DAY_MS = 86_400_000;
/** A trace is looked for this long before and after the span that a search found. */
const AROUND_NS = 12n * 3_600_000_000_000n;
/** Services and operations are listed that were seen so long ago at most. */
const LISTED_DAYS = 7;

/** Reads traces: what is in the engine and what waits for it. Without the engine it answers the spans of the last moments, and says so. */
export class TraceReader {
  readonly #parts: ReaderParts;
  readonly #loader: TraceLoader;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
    this.#loader = new TraceLoader(parts);
  }

  /** The traces of a query, newest first, whole as far as `max_trace_spans` allows. */
  async search(query: TraceQuery, asking: Asking = {}): Promise<TraceAnswer> {
    const warnings: string[] = [];
    const hits = await this.find(query, warnings, asking);
    if (hits.length === 0) return { traces: [], warnings };
    const within = around(hits);
    const ids = hits.map(({ traceId }) => traceId);
    const traces = await this.#loader.traces(ids, { tenant: query.tenant, warnings, ...asking }, within);
    return { traces, warnings };
  }

  /** The traces with these ids, in their order; what is not there is left out. */
  async traces(tenant: string, traceIds: readonly string[], asking: Asking = {}): Promise<TraceAnswer> {
    const warnings: string[] = [];
    const traces = await this.#loader.traces(traceIds, { tenant, warnings, ...asking });
    return { traces, warnings };
  }

  /** Tells, whenever it is asked, whether spans of the trace may have come since now. */
  watch(tenant: string, traceId: string): () => boolean {
    const { pending } = this.#parts;
    const seen = new WeakSet<SpanChunk>(pending.of(tenant));
    return () =>
      hasTrace(
        pending.of(tenant).filter((chunk) => !seen.has(chunk)),
        traceId,
      );
  }

  /** One span of a trace, given in 32 and 16 hex digits: both its sides where Zipkin shares it. */
  async span(
    tenant: string,
    traceId: string,
    spanId: string,
    asking: Asking = {},
  ): Promise<{
    readonly spans: readonly StoredSpan[];
    readonly sources: ReadonlyMap<bigint, SpanSource>;
    readonly warnings: readonly string[];
  }> {
    const reading = { tenant, warnings: [] as string[], ...asking };
    const spans = await this.#loader.span(traceId, spanId, reading);
    const sources = await this.#loader.sourcesOf(spans, reading);
    return { spans, sources, warnings: reading.warnings };
  }

  /** A trace without what makes it large, in order of the starts of its spans; none where it is not there. */
  async outline(
    tenant: string,
    traceId: string,
    asking: Asking = {},
  ): Promise<{ readonly spans: readonly SpanOutline[]; readonly warnings: readonly string[] }> {
    const warnings: string[] = [];
    const spans = await this.#loader.outline(traceId, { tenant, warnings, ...asking });
    return { spans, warnings };
  }

  /** Which traces a query finds, newest first. Memory is looked at first: what is flushed meanwhile is then found twice, and never missed. */
  async find(query: TraceQuery, warnings: string[], asking: Asking = {}): Promise<TraceHit[]> {
    const { pending, sources, engine, breathe } = this.#parts;
    const chunks = pending.of(query.tenant);
    const recent = await findInChunks(chunks, query, (hash) => sources.find(query.tenant, hash), breathe);
    const stored = await this.#orWarn(warnings, [], () => findInEngine(engine, query, asking.signal));
    const seen = new Set<string>();
    return [...recent, ...stored]
      .sort(newestFirst)
      .filter(({ traceId }) => !seen.has(traceId) && seen.add(traceId) !== undefined)
      .slice(0, query.limit);
  }

  /** The newest spans of a query, each once, with what they come from. */
  async spans(
    query: TraceQuery,
    asking: Asking = {},
  ): Promise<{
    readonly spans: readonly StoredSpan[];
    readonly sources: ReadonlyMap<bigint, SpanSource>;
    readonly warnings: readonly string[];
  }> {
    const { engine, pending, sources, breathe } = this.#parts;
    const warnings: string[] = [];
    const { tenant, limit } = query;
    const recent = await matchingInChunks(
      pending.of(tenant),
      query,
      (hash) => sources.find(tenant, hash),
      breathe,
    );
    const stored = await this.#orWarn<SpansRead>(warnings, { spans: [], full: false }, () =>
      matchingInEngine(engine, query, breathe, asking),
    );
    if (stored.full) warnings.push(`only ${stored.spans.length} spans were read: traces.query.memory`);
    const spans = newestSpans(await inSlices(eachOnce(recent, stored.spans), breathe), limit);
    return { spans, sources: await this.#loader.sourcesOf(spans, { tenant, warnings, ...asking }), warnings };
  }

  /** What the traces of a query hold, in that order (slowest by their longest matching span), without reading their spans where they are all flushed. */
  async summaries(
    query: TraceQuery,
    order: 'newest' | 'slowest',
    asking: Asking = {},
  ): Promise<{ readonly traces: readonly TraceSummary[]; readonly warnings: readonly string[] }> {
    const { engine, pending, breathe } = this.#parts;
    const { tenant } = query;
    const warnings: string[] = [];
    const hits =
      order === 'newest'
        ? await this.find(query, warnings, asking)
        : await this.#slowest(query, warnings, asking);
    if (hits.length === 0) return { traces: [], warnings };
    const within = around(hits);
    const ids = hits.map(({ traceId }) => traceId);
    const recent = await inSlices(spansInChunks(pending.of(tenant), ids, Number.POSITIVE_INFINITY), breathe);
    const waiting = new Set(recent.map(({ traceId }) => traceId));
    const whole = await this.#loader.traces(
      ids.filter((id) => waiting.has(id)),
      { tenant, warnings, ...asking },
      within,
    );
    const flushed = await this.#orWarn(warnings, [], () =>
      summariesInEngine(
        engine,
        tenant,
        ids.filter((id) => !waiting.has(id)),
        within,
        asking.signal,
      ),
    );
    const rows = [...whole.flatMap(servicesOf), ...flushed];
    return { traces: summarized(ids, rows), warnings };
  }

  /** Traces spread over the time of a query, some `limit` of them, with the slowest; what is unflushed among them. */
  async points(
    query: TraceQuery,
    asking: Asking = {},
  ): Promise<StoredPoints & { readonly warnings: readonly string[] }> {
    const { engine } = this.#parts;
    const warnings: string[] = [];
    const recent = pointsOfSpans(await this.#recent(query));
    const stored = await this.#orWarn<StoredPoints>(warnings, { points: [], traces: 0, every: 1 }, () =>
      pointsInEngine(engine, query, SLOWEST_POINTS, asking.signal),
    );
    // What is in memory is thinned like what is stored, or it would stand out.
    const thinned = recent.filter(
      ({ traceId, failed }) => failed || Number.parseInt(traceId.slice(-8), 16) % stored.every === 0,
    );
    const points = onePerTrace([...stored.points, ...thinned]);
    return {
      points,
      traces: Math.max(points.length, stored.traces + recent.length),
      every: stored.every,
      warnings,
    };
  }

  async #slowest(query: TraceQuery, warnings: string[], asking: Asking = {}): Promise<TracePoint[]> {
    const { engine } = this.#parts;
    const recent = pointsOfSpans(await this.#recent(query));
    const stored = await this.#orWarn<TracePoint[]>(warnings, [], () =>
      slowestOfQuery(engine, query, asking.signal),
    );
    return onePerTrace([...stored, ...recent])
      .sort((a, b) => b.duration - a.duration)
      .slice(0, query.limit);
  }

  /** The newest spans in memory that match. */
  #recent(query: TraceQuery): Promise<StoredSpan[]> {
    const { pending, sources, breathe } = this.#parts;
    const { tenant } = query;
    const newest = { ...query, limit: RECENT_SPANS };
    return matchingInChunks(pending.of(tenant), newest, (hash) => sources.find(tenant, hash), breathe);
  }

  /** Canonical names of the services with spans, sorted. */
  async services(tenant: string): Promise<string[]> {
    const { engine, operations } = this.#parts;
    const stored = await this.#orWarn([], [], () => servicesInEngine(engine, tenant, this.#firstDay()));
    return [...new Set([...stored, ...[...operations.list(tenant)].map(({ service }) => service)])].sort();
  }

  /** The operations of a service, sorted by name and kind. */
  async operations(tenant: string, service: string): Promise<Operation[]> {
    const { engine, operations } = this.#parts;
    const stored = await this.#orWarn([], [], () =>
      operationsInEngine(engine, tenant, service, this.#firstDay()),
    );
    const all = new Map<string, Operation>();
    for (const operation of [...stored, ...operations.list(tenant)])
      if (operation.service === service) all.set(`${operation.name} ${operation.kind}`, operation);
    return [...all.values()].sort((a, b) => (a.name === b.name ? a.kind - b.kind : a.name < b.name ? -1 : 1));
  }

  #firstDay(): number {
    return Math.max(0, Math.floor(this.#parts.clock.now() / DAY_MS) - LISTED_DAYS);
  }

  #orWarn<Found>(warnings: string[], nothing: Found, ask: () => Promise<Found>): Promise<Found> {
    return orWarn(this.#parts.engine, warnings, nothing, ask);
  }
}

/** Of the slowest traces so many stand in a plot, whatever else is taken. */
const SLOWEST_POINTS = 100;
/** Spans in memory that are looked at for a plot, or for the slowest. */
const RECENT_SPANS = 10_000;

function around(hits: readonly TraceHit[]) {
  const times = hits.map(({ time }) => time);
  const from = bigMin(times) - AROUND_NS;
  return { from: from < 0n ? 0n : from, to: bigMax(times) + AROUND_NS };
}

function bigMin(values: readonly bigint[]): bigint {
  return values.reduce((least, value) => (value < least ? value : least));
}

function bigMax(values: readonly bigint[]): bigint {
  return values.reduce((most, value) => (value > most ? value : most));
}
