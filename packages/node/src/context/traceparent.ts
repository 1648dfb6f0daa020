import type { Random } from '../clock.ts';
import { newSpanId, newTraceId } from './ids.ts';

/** A position in a distributed trace (W3C Trace Context, level 1). */
export interface TraceContext {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hex digits, not all zero. */
  readonly spanId: string;
  readonly sampled: boolean;
  /** `tracestate` as it came, handed on untouched. */
  readonly traceState?: string | undefined;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZERO = /^0+$/;
const MAX_TRACESTATE = 512;

/** Parses a `traceparent` header; undefined when it is not valid (section 3.2 of the recommendation). */
export function parseTraceparent(
  header: string | readonly string[] | undefined,
  traceState?: string | readonly string[],
): TraceContext | undefined {
  const text = typeof header === 'string' ? header.trim() : undefined;
  if (text === undefined || text.length > 256) return undefined;
  const [, version, traceId, spanId, flags, rest] = TRACEPARENT.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (ZERO.test(traceId) || ZERO.test(spanId)) return undefined;
  const sampled = (Number.parseInt(flags, 16) & 1) === 1;
  return { traceId, spanId, sampled, traceState: acceptTraceState(traceState) };
}

export function formatTraceparent(trace: TraceContext): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? '01' : '00'}`;
}

/** A new trace, sampled with the given probability. */
export function startTrace(sampler: number, random: Random): TraceContext {
  return { traceId: newTraceId(), spanId: newSpanId(), sampled: random() < sampler };
}

function acceptTraceState(value: string | readonly string[] | undefined): string | undefined {
  const text = typeof value === 'string' ? value : value?.join(',');
  if (text === undefined || text.length === 0 || text.length > MAX_TRACESTATE) return undefined;
  return /^[\x20-\x7e]+$/.test(text) ? text : undefined;
}
