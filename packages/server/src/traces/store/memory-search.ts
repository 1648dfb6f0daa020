import type { Sliced } from '../../kernel/sliced.ts';
import type { SpanSource } from '../sink.ts';
import { isOfTrace, isSpan, readOutline, readSpan, type SpanChunk, spanWords, traceWords } from './chunk.ts';
import { createSpanMatcher, type TraceQuery } from './query.ts';
import { compareStarts, type SpanOutline, type StoredSpan } from './span.ts';

/** A trace that a search found, by its newest span that matches. */
export interface TraceHit {
  readonly traceId: string;
  readonly time: bigint;
}

/** Rows read between breaths, a few ms. */
const SLICE = 2000;

export function newestFirst(a: TraceHit, b: TraceHit): number {
  if (a.time !== b.time) return a.time > b.time ? -1 : 1;
  return a.traceId < b.traceId ? -1 : 1;
}

/** The newest traces of a query among chunks in memory. */
export async function findInChunks(
  chunks: readonly SpanChunk[],
  query: TraceQuery,
  sourceOf: (hash: bigint) => SpanSource | undefined,
  breathe: () => Promise<void>,
): Promise<TraceHit[]> {
  const matches = createSpanMatcher(query);
  const fromMs = Number(query.from / 1_000_000n);
  const toMs = Number(query.to / 1_000_000n);
  const least = query.minDuration ?? 0;
  const most = query.maxDuration ?? Number.POSITIVE_INFINITY;
  const found = new Map<string, bigint>();
  /** Once there are enough: what began before it cannot be among the answer. */
  let cutoff = fromMs;
  let budget = SLICE;
  for (const chunk of [...chunks].reverse()) {
    for (let row = chunk.rows - 1; row >= 0; row--) {
      const ms = chunk.ms[row];
      if (ms < cutoff || ms > toMs || chunk.durations[row] < least || chunk.durations[row] > most) continue;
      if (--budget <= 0) {
        budget = SLICE;
        await breathe();
      }
      const span = readSpan(chunk, row);
      if (span.start < query.from || span.start >= query.to) continue;
      if (!matches(span, () => sourceOf(span.source))) continue;
      const known = found.get(span.traceId);
      if (known === undefined || known < span.start) found.set(span.traceId, span.start);
      if (known !== undefined || found.size < query.limit * 4) continue;
      const kept = newest(found, query.limit);
      found.clear();
      for (const { traceId, time } of kept) found.set(traceId, time);
      cutoff = Math.max(cutoff, Number((kept.at(-1)?.time ?? 0n) / 1_000_000n));
    }
  }
  return newest(found, query.limit);
}

/** The spans of a query among chunks in memory, the newest `limit` of them. */
export async function matchingInChunks(
  chunks: readonly SpanChunk[],
  query: TraceQuery,
  sourceOf: (hash: bigint) => SpanSource | undefined,
  breathe: () => Promise<void>,
): Promise<StoredSpan[]> {
  const matches = createSpanMatcher(query);
  const fromMs = Number(query.from / 1_000_000n);
  const toMs = Number(query.to / 1_000_000n);
  const least = query.minDuration ?? 0;
  const most = query.maxDuration ?? Number.POSITIVE_INFINITY;
  let found: StoredSpan[] = [];
  let budget = SLICE;
  for (const chunk of [...chunks].reverse())
    for (let row = chunk.rows - 1; row >= 0; row--) {
      const ms = chunk.ms[row];
      if (ms < fromMs || ms > toMs || chunk.durations[row] < least || chunk.durations[row] > most) continue;
      if (--budget <= 0) {
        budget = SLICE;
        await breathe();
      }
      const span = readSpan(chunk, row);
      if (span.start < query.from || span.start >= query.to) continue;
      if (!matches(span, () => sourceOf(span.source))) continue;
      found.push(span);
      if (found.length >= query.limit * 4) found = newestSpans(found, query.limit);
    }
  return newestSpans(found, query.limit);
}

export function newestSpans(spans: StoredSpan[], limit: number): StoredSpan[] {
  return spans.sort((a, b) => compareStarts(b, a)).slice(0, limit);
}

function newest(found: ReadonlyMap<string, bigint>, limit: number): TraceHit[] {
  return [...found]
    .map(([traceId, time]) => ({ traceId, time }))
    .sort(newestFirst)
    .slice(0, limit);
}

/** Ids compared between pauses; reading a span costs as much as this many of them. */
const ROWS_PER_SLICE = 200_000;
const ROWS_PER_SPAN = 100;

/** Whether chunks in memory have spans of a trace. */
export function hasTrace(chunks: readonly SpanChunk[], traceId: string): boolean {
  const words = traceWords(traceId);
  for (const chunk of chunks)
    for (let row = 0; row < chunk.rows; row++) if (isOfTrace(chunk, row, words)) return true;
  return false;
}

/** The spans of some traces among chunks in memory, at most so many; only those of an id where one is given (16 hex digits). */
export function spansInChunks(
  chunks: readonly SpanChunk[],
  traceIds: readonly string[],
  limit: number,
  spanId?: string,
): Sliced<StoredSpan[]> {
  return rowsOfTraces(chunks, { traceIds, limit, spanId, read: readSpan });
}

/** The outlines of a trace's spans among chunks in memory, at most so many. */
export function outlinesInChunks(
  chunks: readonly SpanChunk[],
  traceId: string,
  limit: number,
): Sliced<SpanOutline[]> {
  return rowsOfTraces(chunks, { traceIds: [traceId], limit, read: readOutline });
}

function* rowsOfTraces<Made>(
  chunks: readonly SpanChunk[],
  {
    traceIds,
    limit,
    spanId,
    read,
  }: {
    readonly traceIds: readonly string[];
    readonly limit: number;
    readonly spanId?: string | undefined;
    readonly read: (chunk: SpanChunk, row: number) => Made;
  },
): Sliced<Made[]> {
  const spans: Made[] = [];
  const only = spanId === undefined ? null : spanWords(spanId);
  yield* visitRows(chunks, traceIds, (chunk, row) => {
    if (only !== null && !isSpan(chunk, row, only)) return 0;
    if (spans.length >= limit) return null;
    spans.push(read(chunk, row));
    return ROWS_PER_SPAN;
  });
  return spans;
}

/** How many spans each of some traces has among chunks in memory. */
export function* countInChunks(
  chunks: readonly SpanChunk[],
  traceIds: readonly string[],
): Sliced<Map<string, number>> {
  const counts = new Map<string, number>();
  yield* visitRows(chunks, traceIds, (_chunk, _row, id) => {
    counts.set(id, (counts.get(id) ?? 0) + 1);
    return 0;
  });
  return counts;
}

/** Visits the rows of some traces; `visit` says what it cost, in ids compared, or null for no more. */
function* visitRows(
  chunks: readonly SpanChunk[],
  traceIds: readonly string[],
  visit: (chunk: SpanChunk, row: number, traceId: string) => number | null,
): Sliced<void> {
  const wanted = new Map<number, { readonly id: string; readonly words: Uint32Array }[]>();
  for (const id of traceIds) {
    const words = traceWords(id);
    const last = words[3];
    wanted.set(last, [...(wanted.get(last) ?? []), { id, words }]);
  }
  let budget = ROWS_PER_SLICE;
  for (const chunk of chunks)
    for (let row = 0; row < chunk.rows; row++) {
      if (--budget <= 0) {
        budget = ROWS_PER_SLICE;
        yield;
      }
      const found = wanted.get(chunk.ids[row * 6 + 3])?.find(({ words }) => isOfTrace(chunk, row, words));
      if (found === undefined) continue;
      const cost = visit(chunk, row, found.id);
      if (cost === null) return;
      budget -= cost;
    }
}
