import { LRUCache } from 'lru-cache';
import type { Engine } from '../../engine/index.ts';
import type { PendingRows } from '../../journal/index.ts';
import { inSlices, type Sliced, sortSliced, visitSliced } from '../../kernel/sliced.ts';
import type { TracesConfig } from '../config.ts';
import { tracesErrors } from '../errors.ts';
import type { SpanSource } from '../sink.ts';
import { type Asking, fitting } from './answer-memory.ts';
import type { SpanChunk } from './chunk.ts';
import type { Range } from './engine-conditions.ts';
import { sourcesInEngine } from './engine-names.ts';
import { outlinesInEngine } from './engine-outlines.ts';
import { type SpansRead, spansInEngine } from './engine-spans.ts';
import { countInChunks, outlinesInChunks, spansInChunks } from './memory-search.ts';
import { orWarn } from './or-warn.ts';
import { bytesOf, type Sources } from './sources.ts';
import { compareStarts, type SpanOutline, type StoredSpan, type StoredTrace, spanKey } from './span.ts';
import { countInEngine } from './trace-sizes.ts';

export interface LoaderParts {
  readonly engine: Engine;
  readonly config: Pick<TracesConfig, 'max_trace_spans'>;
  readonly breathe: () => Promise<void>;
  readonly sources: Sources;
  readonly pending: PendingRows<SpanChunk>;
}

/** What is read, where so much of it. */
interface Reading extends Asking {
  readonly tenant: string;
  /** Added to where the answer lacks something. */
  readonly warnings: string[];
}

const NOTHING: SpansRead = { spans: [], full: false };
/** More spans than can share an id: one of each kind. */
const SIDES = 6;
/** What an outline takes, about. */
const OUTLINE_BYTES = 300;
/** Of sources that were read, those of all tenants: some four thousand. */
const KEPT_BYTES = 4 * 2 ** 20;
/** What an entry takes beside its key's text and its source. */
const KEY_BYTES = 100;

/** Reads spans by the ids of their traces, each once: what waits in memory, and what is in the engine. */
export class TraceLoader {
  readonly #parts: LoaderParts;
  /** Sources that the engine told of, by tenant and hash: a hash never means another one. */
  readonly #read = new LRUCache<string, SpanSource>({
    maxSize: KEPT_BYTES,
    sizeCalculation: (source, key) => KEY_BYTES + key.length + bytesOf(source),
  });

  constructor(parts: LoaderParts) {
    this.#parts = parts;
  }

  /** The traces with these ids, in their order, as far as `max_trace_spans` allows; what is not there is left out. */
  async traces(traceIds: readonly string[], reading: Reading, within?: Range): Promise<StoredTrace[]> {
    if (traceIds.length === 0) return [];
    const { spans, full } = await this.#whole(traceIds, reading, within);
    if (full) reading.warnings.push(`only ${spans.length} spans were read: traces.query.memory`);
    const sources = await this.sourcesOf(spans, reading);
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

  /**
   * The spans of as many of the traces as an answer holds, the first in any case. Spans come by their time: of more than fit, traces would be
   * left without their ends, and the newest be missing.
   */
  async #whole(traceIds: readonly string[], reading: Reading, within: Range | undefined): Promise<SpansRead> {
    const { memory, warnings } = reading;
    const limit = this.#parts.config.max_trace_spans;
    const before = memory?.taken;
    const again = (ids: readonly string[]): Promise<SpansRead> => {
      memory?.release(before);
      return this.#spansOf(ids, reading, within);
    };
    let ids = traceIds;
    let read = await this.#spansOf(ids, reading, within);
    if (read.spans.length > limit && ids.length > 1) {
      ids = await this.#fitting(ids, reading, within);
      if (ids.length < traceIds.length) read = await again(ids);
    }
    const fitting = ids.length;
    while (read.full && ids.length > 1) {
      ids = ids.slice(0, Math.ceil(ids.length / 2));
      read = await again(ids);
    }
    if (ids.length < fitting)
      warnings.push(
        `${fitting - ids.length} of ${fitting} traces are left out: their spans take more memory than an answer has (traces.query.memory)`,
      );
    return { spans: cut(read.spans, limit, warnings), full: read.full };
  }

  /** The spans of some traces in order of their start; one more than allowed tells that there are more. */
  async #spansOf(
    traceIds: readonly string[],
    { tenant, warnings, signal, memory }: Reading,
    within: Range | undefined,
  ): Promise<SpansRead> {
    const { engine, pending, config, breathe } = this.#parts;
    const limit = config.max_trace_spans + 1;
    const inMemory = await inSlices(spansInChunks(pending.of(tenant), traceIds, limit), breathe);
    const recent = fitting(inMemory, memory);
    const stored = await orWarn(engine, warnings, NOTHING, () =>
      spansInEngine(engine, { tenant, traceIds, limit, within, breathe }, { signal, memory }),
    );
    return {
      spans: await inSlices(eachOnce(recent, stored.spans), breathe),
      full: stored.full || recent.length < inMemory.length,
    };
  }

  /** Those of the traces that an answer holds whole, the first in any case. */
  async #fitting(
    traceIds: readonly string[],
    { tenant, warnings, signal }: Reading,
    within: Range | undefined,
  ): Promise<string[]> {
    const { engine, pending, config, breathe } = this.#parts;
    const limit = config.max_trace_spans;
    const counts = await inSlices(countInChunks(pending.of(tenant), traceIds), breathe);
    const stored = await orWarn(engine, warnings, new Map<string, number>(), () =>
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

  /** The outlines of a trace's spans, in order of their start; none where there is no such trace. */
  async outline(
    traceId: string,
    { tenant, warnings, signal, memory }: Reading,
  ): Promise<readonly SpanOutline[]> {
    const { engine, pending, config, breathe } = this.#parts;
    const limit = config.max_trace_spans + 1;
    const recent = await inSlices(outlinesInChunks(pending.of(tenant), traceId, limit), breathe);
    const stored = await orWarn<SpanOutline[]>(engine, warnings, [], () =>
      outlinesInEngine(engine, { tenant, traceId, limit, breathe }, signal),
    );
    const spans = await inSlices(uniqueInOrder([stored, recent], outlineKey), breathe);
    const kept = cut(spans, config.max_trace_spans, warnings);
    if (memory?.take(kept.length * OUTLINE_BYTES) === false)
      throw tracesErrors.make(
        'tooManyQueries',
        `a trace of ${kept.length} spans has no room in traces.query.memory`,
      );
    return kept;
  }

  /** The spans of a trace with one id (16 hex digits): both sides where Zipkin shares it. */
  async span(
    traceId: string,
    spanId: string,
    { tenant, warnings, signal, memory }: Reading,
  ): Promise<readonly StoredSpan[]> {
    const { engine, pending, breathe } = this.#parts;
    const chunks = pending.of(tenant);
    const recent = await inSlices(
      spansInChunks(chunks, [traceId], Number.POSITIVE_INFINITY, spanId),
      breathe,
    );
    const asked = { tenant, traceIds: [traceId], limit: SIDES, spanId, breathe };
    const stored = await orWarn(engine, warnings, NOTHING, () =>
      spansInEngine(engine, asked, { signal, memory }),
    );
    return inSlices(eachOnce(recent, stored.spans), breathe);
  }

  /** What spans come from. */
  async sourcesOf(
    spans: readonly StoredSpan[],
    { tenant, warnings, signal }: Reading,
  ): Promise<ReadonlyMap<bigint, SpanSource>> {
    const { sources, engine } = this.#parts;
    const known = new Map<bigint, SpanSource>();
    const missing = new Set<bigint>();
    for (const { source: hash } of spans) {
      if (known.has(hash) || missing.has(hash)) continue;
      const source = sources.find(tenant, hash) ?? this.#read.get(`${hash} ${tenant}`);
      if (source === undefined) missing.add(hash);
      else known.set(hash, source);
    }
    if (missing.size === 0) return known;
    const stored = await orWarn(engine, warnings, new Map<bigint, SpanSource>(), () =>
      sourcesInEngine(engine, tenant, [...missing], signal),
    );
    for (const [hash, source] of stored) {
      known.set(hash, source);
      this.#read.set(`${hash} ${tenant}`, source);
    }
    return known;
  }
}

/** The first so many; a warning where there are more. */
function cut<Span>(spans: readonly Span[], limit: number, warnings: string[]): readonly Span[] {
  if (spans.length <= limit) return spans;
  warnings.push(`only ${limit} spans were read: traces.max_trace_spans`);
  return spans.slice(0, limit);
}

/** Spans of memory and engine in order of their start. */
export function eachOnce(recent: readonly StoredSpan[], stored: readonly StoredSpan[]): Sliced<StoredSpan[]> {
  return uniqueInOrder([stored, recent], spanKey);
}

/** Within one trace. */
function outlineKey({ spanId, kind }: SpanOutline): string {
  return `${spanId}${kind}`;
}

/** In order of their start; of what has one key the last. */
function* uniqueInOrder<Span extends SpanOutline | StoredSpan>(
  lists: readonly (readonly Span[])[],
  keyOf: (span: Span) => string,
): Sliced<Span[]> {
  const all = new Map<string, Span>();
  for (const spans of lists)
    yield* visitSliced(spans, (span) => {
      all.set(keyOf(span), span);
    });
  return yield* sortSliced([...all.values()], compareStarts);
}
