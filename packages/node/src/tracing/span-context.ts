import { createTraceState, isSpanContextValid, type SpanContext, TraceFlags } from '@opentelemetry/api';
import type { TraceContext } from '../context/traceparent.ts';

/** A position in a trace as OpenTelemetry's API has it; `isRemote`: it came over the wire. */
export function toSpanContext(
  { traceId, spanId, sampled, traceState }: TraceContext,
  isRemote: boolean,
): SpanContext {
  return {
    traceId,
    spanId,
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote,
    ...(traceState !== undefined && { traceState: createTraceState(traceState) }),
  };
}

/** Undefined for the context of a span that is none. */
export function fromSpanContext(context: SpanContext): TraceContext | undefined {
  if (!isSpanContextValid(context)) return undefined;
  const { traceId, spanId, traceFlags, traceState } = context;
  const sampled = (traceFlags & TraceFlags.SAMPLED) === TraceFlags.SAMPLED;
  return { traceId, spanId, sampled, traceState: traceState?.serialize() || undefined };
}
