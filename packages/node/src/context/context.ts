import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import type { Random } from '../clock.ts';
import type { ErrorType } from '../errors/classify.ts';
import { acceptId, newRequestId } from './ids.ts';
import { formatTraceparent, parseTraceparent, startTrace, type TraceContext } from './traceparent.ts';

/** What is known about the request that the current code works for. */
export interface RequestContext {
  readonly requestId: string;
  readonly correlationId: string;
  readonly trace: TraceContext | undefined;
  method?: string | undefined;
  /** The route template, once known. */
  route?: string | undefined;
  /** Shown in logs and errors as `username`. */
  username?: string | undefined;
  /** Errors already captured while this request ran. */
  captured: number;
  /** The type of the first of them. */
  errorType?: ErrorType | undefined;
}

export interface ContextOptions {
  /** Whether a request without a trace context starts one. */
  readonly startTraces: boolean;
  /** Share of the started traces that are sampled, 0..1. */
  readonly sampler: number;
  readonly random: Random;
}

/** Request contexts of one Pharos instance, carried along by AsyncLocalStorage. */
export class ContextStore {
  readonly #storage = new AsyncLocalStorage<RequestContext>();
  readonly #options: ContextOptions;

  constructor(options: ContextOptions) {
    this.#options = options;
  }

  /** The context of the running code, if it runs for a request. */
  get(): RequestContext | undefined {
    return this.#storage.getStore();
  }

  run<T>(context: RequestContext, work: () => T): T {
    return this.#storage.run(context, work);
  }

  /** Runs work outside of any request, so that what it sends carries no request's ids. */
  exit<T>(work: () => T): T {
    return this.#storage.exit(work);
  }

  /** Ids of the incoming headers where they are valid, new ones elsewhere. */
  fromHeaders(headers: IncomingHttpHeaders): RequestContext {
    const { startTraces, sampler, random } = this.#options;
    const requestId = acceptId(headers['x-request-id']) ?? newRequestId();
    const correlationId = acceptId(headers['x-correlation-id']) ?? requestId;
    const accepted = parseTraceparent(headers.traceparent, headers.tracestate);
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
  readonly requestId: string;
  readonly correlationId: string;
  captured = 0;
  #trace: TraceContext | undefined;
  readonly #start: (() => TraceContext) | undefined;

  constructor(
    requestId: string,
    correlationId: string,
    trace: TraceContext | undefined,
    start: (() => TraceContext) | undefined,
  ) {
    this.requestId = requestId;
    this.correlationId = correlationId;
    this.#trace = trace;
    this.#start = start;
  }

  get trace(): TraceContext | undefined {
    this.#trace ??= this.#start?.();
    return this.#trace;
  }
}

/** The headers that carry a context to the next service. */
export function contextHeaders(context: RequestContext): [name: string, value: string][] {
  const headers: [string, string][] = [
    ['x-request-id', context.requestId],
    ['x-correlation-id', context.correlationId],
  ];
  if (context.trace !== undefined) {
    headers.push(['traceparent', formatTraceparent(context.trace)]);
    if (context.trace.traceState !== undefined) headers.push(['tracestate', context.trace.traceState]);
  }
  return headers;
}
