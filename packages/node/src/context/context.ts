import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import { type Context as OtelContext, type Span, trace } from '@opentelemetry/api';
import type { Random } from '../clock.ts';
import type { ErrorType } from '../errors/classify.ts';
import { fromSpanContext } from '../tracing/span-context.ts';
import { acceptId, newRequestId } from './ids.ts';
import { formatTraceparent, parseTraceparent, startTrace, type TraceContext } from './traceparent.ts';

/** One step of a request, as it stands with an error that came after it. */
export interface Breadcrumb {
  /** ISO 8601. */
  readonly timestamp: string;
  readonly category: string;
  readonly level: string;
  readonly message: string;
}

const MOST_CRUMBS = 30;
const MOST_CRUMB = 500;

/** What is known about the request that the current code works for. */
export interface RequestContext {
  readonly requestId: string;
  readonly correlationId: string;
  /** Where the request stands in its trace: at its own span where spans are recorded, else where it came from. */
  readonly trace: TraceContext | undefined;
  /** The request's own span, where spans are recorded. */
  readonly span?: Span | undefined;
  method?: string | undefined;
  /** The route template, once known. */
  route?: string | undefined;
  /** Shown in logs and errors as `username`. */
  username?: string | undefined;
  /** Errors already captured while this request ran. */
  captured: number;
  /** The type of the first of them. */
  errorType?: ErrorType | undefined;
  /** What was logged so far, the oldest first, at most 30. */
  crumbs?: Breadcrumb[] | undefined;
}

export interface ContextOptions {
  /** Whether a request without a trace context starts one. */
  readonly startTraces: boolean;
  /** Share of the started traces that are sampled, 0..1. */
  readonly sampler: number;
  readonly random: Random;
}

/** What the running code works for. */
export interface Frame {
  readonly request: RequestContext | undefined;
  /** The innermost span below the request's own. */
  readonly span?: Span | undefined;
  /** What OpenTelemetry's API keeps besides. */
  readonly values?: OtelContext | undefined;
}

/** Starts the span of a request that came from this position. */
export type StartSpan = (parent: TraceContext | undefined) => Span;

/** Request contexts of one Pharos instance, carried along by AsyncLocalStorage. */
export class ContextStore {
  readonly #storage = new AsyncLocalStorage<Frame>();
  readonly #options: ContextOptions;

  constructor(options: ContextOptions) {
    this.#options = options;
  }

  /** The context of the running code, if it runs for a request. */
  get(): RequestContext | undefined {
    return this.#storage.getStore()?.request;
  }

  frame(): Frame | undefined {
    return this.#storage.getStore();
  }

  /** Adds a step to the running request, if there is one; the oldest give way. */
  leave(crumb: Breadcrumb): void {
    const context = this.get();
    if (context === undefined) return;
    context.crumbs ??= [];
    context.crumbs.push({ ...crumb, message: crumb.message.slice(0, MOST_CRUMB) });
    if (context.crumbs.length > MOST_CRUMBS) context.crumbs.shift();
  }

  /** The innermost span, if any is recorded. */
  span(): Span | undefined {
    const frame = this.#storage.getStore();
    return frame?.span ?? frame?.request?.span;
  }

  /** Where the running code stands in its trace; outside of any request, in that of an OpenTelemetry SDK that is not ours. */
  trace(): TraceContext | undefined {
    const frame = this.#storage.getStore();
    const span = frame?.span ?? (frame?.request === undefined ? trace.getActiveSpan() : undefined);
    return span === undefined ? frame?.request?.trace : fromSpanContext(span.spanContext());
  }

  run<T>(context: RequestContext, work: () => T): T {
    return this.#storage.run({ request: context }, work);
  }

  runFrame<T>(frame: Frame, work: () => T): T {
    return this.#storage.run(frame, work);
  }

  /** Runs work outside of any request, so that what it sends carries no request's ids. */
  exit<T>(work: () => T): T {
    return this.#storage.exit(work);
  }

  /**
   * Ends the tracking of asynchronous work; code that still runs for a request has no context from here on. Every
   * storage that is not closed makes each promise of the process dearer.
   */
  close(): void {
    this.#storage.disable();
  }

  /** Ids of the incoming headers where they are valid, new ones elsewhere; with the request's own span where one is started. */
  fromHeaders(headers: IncomingHttpHeaders, startSpan?: StartSpan): RequestContext {
    const { startTraces, sampler, random } = this.#options;
    const requestId = acceptId(headers['x-request-id']) ?? newRequestId();
    const correlationId = acceptId(headers['x-correlation-id']) ?? requestId;
    const accepted = parseTraceparent(headers.traceparent, headers.tracestate);
    if (startSpan !== undefined) {
      const span = startSpan(accepted);
      return new Context(requestId, correlationId, fromSpanContext(span.spanContext()), undefined, span);
    }
    const start =
      accepted === undefined && startTraces ? (): TraceContext => startTrace(sampler, random) : undefined;
    return new Context(requestId, correlationId, accepted, start);
  }
}

/** A trace is started when something first asks for it: most requests neither log nor call on. */
class Context implements RequestContext {
  method: string | undefined = undefined;
  route: string | undefined = undefined;
  username: string | undefined = undefined;
  errorType: ErrorType | undefined = undefined;
  crumbs: Breadcrumb[] | undefined = undefined;
  readonly requestId: string;
  readonly correlationId: string;
  readonly span: Span | undefined;
  captured = 0;
  #trace: TraceContext | undefined;
  readonly #start: (() => TraceContext) | undefined;

  constructor(
    requestId: string,
    correlationId: string,
    trace: TraceContext | undefined,
    start: (() => TraceContext) | undefined,
    span?: Span,
  ) {
    this.requestId = requestId;
    this.correlationId = correlationId;
    this.#trace = trace;
    this.#start = start;
    this.span = span;
  }

  get trace(): TraceContext | undefined {
    this.#trace ??= this.#start?.();
    return this.#trace;
  }
}

/** The headers that carry a context to the next service, from its own place in the trace or one below it. */
export function contextHeaders(
  context: RequestContext | undefined,
  position: TraceContext | undefined = context?.trace,
): [name: string, value: string][] {
  const headers: [string, string][] = [];
  if (context !== undefined)
    headers.push(['x-request-id', context.requestId], ['x-correlation-id', context.correlationId]);
  if (position !== undefined) {
    headers.push(['traceparent', formatTraceparent(position)]);
    if (position.traceState !== undefined) headers.push(['tracestate', position.traceState]);
  }
  return headers;
}
