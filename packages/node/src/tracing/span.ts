import { type Attributes, type Span, SpanKind } from '@opentelemetry/api';
import type { ContextStore } from '../context/context.ts';
import { failed } from './http-spans.ts';
import type { Tracing } from './tracing.ts';

export interface SpanOptions {
  /** What the span is to others: a call out is `client`. Default `internal`. */
  readonly kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer' | undefined;
  /** Named after OpenTelemetry's semantic conventions where there is a name. */
  readonly attributes?: Attributes | undefined;
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** Runs work in a span below the running one. */
export function inSpan<T>(
  { tracing, contexts }: { readonly tracing: Tracing | null; readonly contexts: ContextStore },
  name: string,
  work: (span: Span | undefined) => T,
  { kind = 'internal', attributes = {} }: SpanOptions = {},
): T {
  if (tracing === null) return work(undefined);
  const parent = contexts.span() ?? contexts.trace();
  const span = tracing.start({ name, kind: KINDS[kind], attributes }, parent);
  return contexts.runFrame({ request: contexts.get(), span }, () => ended(span, () => work(span)));
}

/** Runs work that ends a span: a throw or rejection is noted and passed on. */
function ended<T>(span: Span, work: () => T): T {
  const end = (error?: { readonly thrown: unknown }): void => {
    if (error !== undefined) failed(span, error.thrown);
    span.end();
  };
  try {
    const result = work();
    if (result instanceof Promise)
      result.then(
        () => end(),
        (thrown: unknown) => end({ thrown }),
      );
    else end();
    return result;
  } catch (thrown) {
    end({ thrown });
    throw thrown;
  }
}

/**
 * Runs work in a context of its own with the ids of a message's headers, where it has them, and a span of its own where spans are
 * recorded: below the sender's, or the first of a trace.
 */
export function inContext<T>(
  { tracing, contexts }: { readonly tracing: Tracing | null; readonly contexts: ContextStore },
  work: () => T,
  headers: Readonly<Record<string, string>>,
  name: string,
): T {
  const context = contexts.fromHeaders(
    headers,
    tracing === null
      ? undefined
      : (parent) => {
          const kind = parent === undefined ? SpanKind.INTERNAL : SpanKind.CONSUMER;
          return tracing.start({ name, kind, attributes: {} }, parent);
        },
  );
  const { span } = context;
  span?.setAttribute('request_id', context.requestId);
  return contexts.run(context, () => (span === undefined ? work() : ended(span, work)));
}
