import { SPAN_KIND } from '../sink.ts';
import { EdgeSums } from './edge.ts';
import type { Peer } from './peer.ts';

/** What a graph needs to know of a span. */
export interface EdgeSpan {
  /** Hex digits. */
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for none. */
  readonly parentId: string;
  readonly kind: number;
  /** Canonical. */
  readonly service: string;
  readonly failed: boolean;
  /** Nanoseconds. */
  readonly duration: number;
  /** When it began, in epoch ms. */
  readonly at: number;
  /** Of a client or producer span. */
  readonly peer: Peer | null;
}

export const MINUTE_MS = 60_000;

/** By minute since the epoch. */
export interface FoundEdges {
  readonly edges: ReadonlyMap<number, EdgeSums>;
  /** Different spans, also of the minutes around. */
  readonly spans: ReadonlyMap<number, number>;
}

function minuteOf({ at }: EdgeSpan): number {
  return Math.floor(at / MINUTE_MS);
}

export function isCall(kind: number): boolean {
  return kind === SPAN_KIND.client || kind === SPAN_KIND.producer;
}

function isAnswer(kind: number): boolean {
  return kind === SPAN_KIND.server || kind === SPAN_KIND.consumer;
}

/** Spans by trace and span id: one, or both sides of a span that Zipkin shares. */
class SpanIndex {
  readonly #spans = new Map<string, EdgeSpan | EdgeSpan[]>();

  add(span: EdgeSpan): boolean {
    const key = span.traceId + span.spanId;
    const known = this.#spans.get(key);
    if (known === undefined) {
      this.#spans.set(key, span);
      return true;
    }
    const sides = Array.isArray(known) ? known : [known];
    if (sides.some(({ kind }) => kind === span.kind)) return false;
    this.#spans.set(key, [...sides, span]);
    return true;
  }

  of(traceId: string, spanId: string): readonly EdgeSpan[] {
    if (spanId === '') return [];
    const known = this.#spans.get(traceId + spanId);
    return known === undefined ? [] : Array.isArray(known) ? known : [known];
  }
}

/**
 * The edges of each minute between two times (epoch ms, the second not included), from the spans between them and of the minutes around; a
 * repeat of a span counts once. A call counts when the span of its called side began, with that span's outcome and duration; one
 * without such a span when it began itself, as a call of what its attributes name.
 */
export function findEdges(spans: Iterable<EdgeSpan>, from: number, to: number): FoundEdges {
  const index = new SpanIndex();
  const all: EdgeSpan[] = [];
  const counts = new Map<number, number>();
  for (const span of spans)
    if (index.add(span)) {
      all.push(span);
      const minute = minuteOf(span);
      counts.set(minute, (counts.get(minute) ?? 0) + 1);
    }
  const minutes = new Map<number, EdgeSums>();
  const sumsOf = (minute: number): EdgeSums => {
    let sums = minutes.get(minute);
    if (sums === undefined) minutes.set(minute, (sums = new EdgeSums()));
    return sums;
  };
  const answered = new Set<EdgeSpan>();
  for (const span of all) {
    const call = callerOf(span, index);
    if (call === null) continue;
    for (const side of call.by) answered.add(side);
    if (span.at < from || span.at >= to) continue;
    const key = { caller: call.service, callee: span.service, type: 'service' } as const;
    sumsOf(minuteOf(span)).call(key, span.failed, span.duration);
  }
  for (const span of all) {
    const { at, service, peer, failed, duration } = span;
    if (peer === null || at < from || at >= to || answered.has(span)) continue;
    sumsOf(minuteOf(span)).call({ caller: service, callee: peer.name, type: peer.type }, failed, duration);
  }
  return { edges: minutes, spans: counts };
}

/** Whose call a span is the called side of, and the spans of the call; null for a span within its service. */
function callerOf(
  span: EdgeSpan,
  index: SpanIndex,
): { readonly service: string; readonly by: readonly EdgeSpan[] } | null {
  const { traceId, spanId, parentId, service, kind } = span;
  if (kind === SPAN_KIND.server) {
    const shared = index.of(traceId, spanId).filter((side) => isCall(side.kind));
    const [first] = shared;
    if (first !== undefined) return { service: first.service, by: shared };
  }
  const parents = index.of(traceId, parentId);
  const own = parents.find((parent) => parent.service === service);
  if (own !== undefined)
    return isAnswer(kind) && isCall(own.kind) ? { service: own.service, by: [own] } : null;
  // Of the two sides of a shared parent neither is this service: the called side is the nearer one.
  const parent = parents.find((side) => !isCall(side.kind)) ?? parents[0];
  if (parent !== undefined) return { service: parent.service, by: parents };
  return isAnswer(kind) ? { service: '', by: [] } : null;
}
