import { type Engine, engineErrors } from '../../engine/index.ts';
import type { PendingRows } from '../../journal/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import { inSlices, type Sliced, sortSliced, visitSliced } from '../../kernel/sliced.ts';
import type { TracesConfig } from '../config.ts';
import type { SpanSource } from '../sink.ts';
import type { SpanChunk } from './chunk.ts';
import {
  findInEngine,
  matchingInEngine,
  operationsInEngine,
  servicesInEngine,
  sourcesInEngine,
  spansInEngine,
  summariesInEngine,
} from './engine-search.ts';
import {
  countInChunks,
  findInChunks,
  hasTrace,
  matchingInChunks,
  newestFirst,
  newestSpans,
  spansInChunks,
  type TraceHit,
} from './memory-search.ts';
import type { Operation, Operations } from './operations.ts';
import {
  onePerTrace,
  pointsInEngine,
  pointsOfSpans,
  type StoredPoints,
  slowestOfQuery,
  type TracePoint,
} from './points.ts';
import type { TraceQuery } from './query.ts';
import type { Sources } from './sources.ts';
import { compareStarts, type StoredSpan, type StoredTrace, spanKey } from './span.ts';
import { servicesOf, summarized, type TraceSummary } from './summary.ts';
import { countInEngine } from './trace-sizes.ts';

export interface ReaderParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly config: TracesConfig;
  readonly breathe: () => Promise<void>;
  readonly sources: Sources;
  readonly operations: Operations;
  readonly pending: PendingRows<SpanChunk>;
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

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  /** The traces of a query, newest first, whole as far as `max_trace_spans` allows. */
  async search(query: TraceQuery, signal?: AbortSignal): Promise<TraceAnswer> {
    const warnings: string[] = [];
    const hits = await this.find(query, warnings, signal);
    if (hits.length === 0) return { traces: [], warnings };
    const within = around(hits);
    const ids = hits.map(({ traceId }) => traceId);
    const traces = await this.#load(query.tenant, ids, warnings, within, signal);
    return { traces, warnings };
  }

  /** The traces with these ids, in their order; what is not there is left out. */
  async traces(tenant: string, traceIds: readonly string[], signal?: AbortSignal): Promise<TraceAnswer> {
    const warnings: string[] = [];
    const traces = await this.#load(tenant, traceIds, warnings, undefined, signal);
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
    signal?: AbortSignal,
  ): Promise<{
    readonly spans: readonly StoredSpan[];
    readonly sources: ReadonlyMap<bigint, SpanSource>;
    readonly warnings: readonly string[];
  }> {
    const { engine, pending, breathe } = this.#parts;
    const warnings: string[] = [];
    const chunks = pending.of(tenant);
    const recent = await inSlices(
      spansInChunks(chunks, [traceId], Number.POSITIVE_INFINITY, spanId),
      breathe,
    );
    const stored = await this.#orWarn<StoredSpan[]>(warnings, [], () =>
      spansInEngine(engine, { tenant, traceIds: [traceId], limit: SIDES, spanId, breathe }, signal),
    );
    const spans = await inSlices(merged(recent, stored), breathe);
    return { spans, sources: await this.#sourcesOf(tenant, spans, warnings, signal), warnings };
  }

  /** Which traces a query finds, newest first. Memory is looked at first: what is flushed meanwhile is then found twice, and never missed. */
  async find(query: TraceQuery, warnings: string[], signal?: AbortSignal): Promise<TraceHit[]> {
    const { pending, sources, engine, breathe } = this.#parts;
    const chunks = pending.of(query.tenant);
    const recent = await findInChunks(chunks, query, (hash) => sources.find(query.tenant, hash), breathe);
    const stored = await this.#orWarn(warnings, [], () => findInEngine(engine, query, signal));
    const seen = new Set<string>();
    return [...recent, ...stored]
      .sort(newestFirst)
      .filter(({ traceId }) => !seen.has(traceId) && seen.add(traceId) !== undefined)
      .slice(0, query.limit);
  }

  /** The newest spans of a query, each once, with what they come from. */
  async spans(
    query: TraceQuery,
    signal?: AbortSignal,
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
    const stored = await this.#orWarn<StoredSpan[]>(warnings, [], () =>
      matchingInEngine(engine, query, breathe, signal),
    );
    const spans = newestSpans(await inSlices(merged(recent, stored), breathe), limit);
    return { spans, sources: await this.#sourcesOf(tenant, spans, warnings, signal), warnings };
  }

  /** What the traces of a query hold, in that order (slowest by their longest matching span), without reading their spans where they are all flushed. */
  async summaries(
    query: TraceQuery,
    order: 'newest' | 'slowest',
    signal?: AbortSignal,
  ): Promise<{ readonly traces: readonly TraceSummary[]; readonly warnings: readonly string[] }> {
    const { engine, pending, breathe } = this.#parts;
    const { tenant } = query;
    const warnings: string[] = [];
    const hits =
      order === 'newest'
        ? await this.find(query, warnings, signal)
        : await this.#slowest(query, warnings, signal);
    if (hits.length === 0) return { traces: [], warnings };
    const within = around(hits);
    const ids = hits.map(({ traceId }) => traceId);
    const recent = await inSlices(spansInChunks(pending.of(tenant), ids, Number.POSITIVE_INFINITY), breathe);
    const waiting = new Set(recent.map(({ traceId }) => traceId));
    const whole = await this.#load(
      tenant,
      ids.filter((id) => waiting.has(id)),
      warnings,
      within,
      signal,
    );
    const flushed = await this.#orWarn(warnings, [], () =>
      summariesInEngine(
        engine,
        tenant,
        ids.filter((id) => !waiting.has(id)),
        within,
        signal,
      ),
    );
    const rows = [...whole.flatMap(servicesOf), ...flushed];
    return { traces: summarized(ids, rows), warnings };
  }

  /** Traces spread over the time of a query, some `limit` of them, with the slowest; what is unflushed among them. */
  async points(
    query: TraceQuery,
    signal?: AbortSignal,
  ): Promise<StoredPoints & { readonly warnings: readonly string[] }> {
    const { engine } = this.#parts;
    const warnings: string[] = [];
    const recent = pointsOfSpans(await this.#recent(query));
    const stored = await this.#orWarn<StoredPoints>(warnings, { points: [], traces: 0, every: 1 }, () =>
      pointsInEngine(engine, query, SLOWEST_POINTS, signal),
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

  async #slowest(query: TraceQuery, warnings: string[], signal?: AbortSignal): Promise<TracePoint[]> {
    const { engine } = this.#parts;
    const recent = pointsOfSpans(await this.#recent(query));
    const stored = await this.#orWarn<TracePoint[]>(warnings, [], () =>
      slowestOfQuery(engine, query, signal),
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

  async #load(
    tenant: string,
    traceIds: readonly string[],
    warnings: string[],
    within?: { readonly from: bigint; readonly to: bigint },
    signal?: AbortSignal,
  ): Promise<StoredTrace[]> {
    if (traceIds.length === 0) return [];
    const { engine, pending, config, breathe } = this.#parts;
    const limit = config.max_trace_spans;
    const read = async (ids: readonly string[]): Promise<StoredSpan[]> => {
      const recent = await inSlices(spansInChunks(pending.of(tenant), ids, limit + 1), breathe);
      const stored = await this.#orWarn<StoredSpan[]>(warnings, [], () =>
        spansInEngine(engine, { tenant, traceIds: ids, limit: limit + 1, within, breathe }, signal),
      );
      return inSlices(merged(recent, stored), breathe);
    };
    let spans = await read(traceIds);
    // Spans come by their time: of more than fit, traces would be left without their ends, and the newest be missing.
    if (spans.length > limit && traceIds.length > 1) {
      const fitting = await this.#fitting(tenant, traceIds, warnings, within, signal);
      spans = fitting.length === traceIds.length ? spans : await read(fitting);
    }
    if (spans.length > limit) {
      warnings.push(`only ${limit} spans were read: traces.max_trace_spans`);
      spans = spans.slice(0, limit);
    }
    const sources = await this.#sourcesOf(tenant, spans, warnings, signal);
    const byTrace = new Map<string, StoredSpan[]>();
    for (const span of spans) {
      const ofTrace = byTrace.get(span.traceId);
      if (ofTrace === undefined) byTrace.set(span.traceId, [span]);
      else ofTrace.push(span);
    }
    return traceIds.flatMap((traceId) => {
      const ofTrace = byTrace.get(traceId);
      return ofTrace === undefined ? [] : [{ traceId, spans: ofTrace, sources }];
    });
  }

  /** Those of the traces that an answer holds whole, the first in any case. */
  async #fitting(
    tenant: string,
    traceIds: readonly string[],
    warnings: string[],
    within?: { readonly from: bigint; readonly to: bigint },
    signal?: AbortSignal,
  ): Promise<string[]> {
    const { engine, pending, config, breathe } = this.#parts;
    const limit = config.max_trace_spans;
    const counts = await inSlices(countInChunks(pending.of(tenant), traceIds), breathe);
    const stored = await this.#orWarn(warnings, new Map<string, number>(), () =>
      countInEngine(engine, { tenant, traceIds, within }, signal),
    );
    let left = limit;
    const fitting = traceIds.filter((id, i) => {
      const spans = (counts.get(id) ?? 0) + (stored.get(id) ?? 0);
      const fits = i === 0 || spans <= left;
      if (fits) left -= spans;
      return fits;
    });
    if (fitting.length < traceIds.length)
      warnings.push(
        `${traceIds.length - fitting.length} of ${traceIds.length} traces are left out: together they have more than ${limit} spans (traces.max_trace_spans)`,
      );
    return fitting;
  }

  async #sourcesOf(
    tenant: string,
    spans: readonly StoredSpan[],
    warnings: string[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<bigint, SpanSource>> {
    const { sources, engine } = this.#parts;
    const known = new Map<bigint, SpanSource>();
    const missing = new Set<bigint>();
    for (const { source: hash } of spans) {
      if (known.has(hash) || missing.has(hash)) continue;
      const source = sources.find(tenant, hash);
      if (source === undefined) missing.add(hash);
      else known.set(hash, source);
    }
    if (missing.size === 0) return known;
    const stored = await this.#orWarn(warnings, new Map<bigint, SpanSource>(), () =>
      sourcesInEngine(engine, tenant, [...missing], signal),
    );
    for (const [hash, source] of stored) known.set(hash, source);
    return known;
  }

  async #orWarn<Found>(warnings: string[], nothing: Found, ask: () => Promise<Found>): Promise<Found> {
    const { engine } = this.#parts;
    try {
      if (engine.state() !== 'ready') throw engineErrors.make('gone', `the engine is ${engine.state()}`);
      return await ask();
    } catch (error) {
      if (!engineErrors.is(error, 'gone') && !engineErrors.is(error, 'retryable')) throw error;
      if (!warnings.includes(NO_ENGINE)) warnings.push(NO_ENGINE);
      return nothing;
    }
  }
}

/** More spans than can share an id: one of each kind. */
const SIDES = 6;

/** Of the slowest traces so many stand in a plot, whatever else is taken. */
const SLOWEST_POINTS = 100;
/** Spans in memory that are looked at for a plot, or for the slowest. */
const RECENT_SPANS = 10_000;

const NO_ENGINE = 'storage: only spans of the last moments are in this answer: the engine is not available';

function* merged(recent: readonly StoredSpan[], stored: readonly StoredSpan[]): Sliced<StoredSpan[]> {
  const all = new Map<string, StoredSpan>();
  for (const spans of [stored, recent])
    yield* visitSliced(spans, (span) => {
      all.set(spanKey(span), span);
    });
  return yield* sortSliced([...all.values()], compareStarts);
}

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
