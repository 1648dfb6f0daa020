import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import type { ContextStore, RequestContext } from '../context/context.ts';
import type { ErrorCapture } from '../errors/capture.ts';
import { CLIENT_CLOSED_REQUEST } from '../errors/classify.ts';
import type { HttpMetrics } from '../metrics/http-metrics.ts';
import { endServerSpan, serverSpan } from '../tracing/http-spans.ts';
import type { Tracing } from '../tracing/tracing.ts';
import type { Handler } from './endpoints.ts';
import { expressRoute, requestPath } from './route.ts';

export type RouteOf = (request: IncomingMessage) => string | undefined;

export type Next = (error?: unknown) => void;
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: Next) => void;

export interface MiddlewareOptions {
  /** Label `service` of `active_connections`. Default: the instance's service. */
  readonly service?: string | undefined;
  /** Says the route template where the framework does not. */
  readonly route?: RouteOf | undefined;
  /** Whether metrics and health are served at their paths. Default true. */
  readonly endpoints?: boolean | undefined;
}

export interface InstrumentDeps {
  readonly service: string;
  readonly clock: Clock;
  readonly contexts: ContextStore;
  readonly errors: ErrorCapture;
  /** Null when metrics are off. */
  readonly metrics: HttpMetrics | null;
  readonly endpoints: ReadonlyMap<string, Handler>;
  /** Null where no spans are recorded. */
  readonly tracing: Tracing | null;
}

/** On the request itself: a WeakMap of objects that live this briefly costs more than all the rest. */
const MARK: unique symbol = Symbol('pharos.context');

interface Marked extends IncomingMessage {
  [MARK]?: { readonly owner: Instrument; readonly context: RequestContext };
}

/** Starts a request's context and measures it until its answer is out. Nothing in here throws into the host. */
export class Instrument {
  readonly #deps: InstrumentDeps;

  constructor(deps: InstrumentDeps) {
    this.#deps = deps;
  }

  middleware(options: MiddlewareOptions = {}): Middleware {
    const { contexts } = this.#deps;
    return (request, response, next) => {
      const own = options.endpoints === false ? undefined : this.endpointOf(request);
      if (own !== undefined) {
        own(request, response);
        return;
      }
      if (this.contextOf(request) !== undefined) {
        next();
        return;
      }
      contexts.run(this.begin(request, response, options), next);
    };
  }

  /** The SDK's own endpoint that a request asks for. */
  endpointOf(request: IncomingMessage): Handler | undefined {
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
    return this.#deps.endpoints.get(requestPath(request));
  }

  contextOf(request: Marked): RequestContext | undefined {
    const mark = request[MARK];
    return mark?.owner === this ? mark.context : undefined;
  }

  begin(request: Marked, response: ServerResponse, options: MiddlewareOptions): RequestContext {
    const { clock, contexts, metrics, errors, tracing } = this.#deps;
    const service = options.service ?? this.#deps.service;
    const started = clock.monotonic();
    const context = contexts.fromHeaders(
      request.headers,
      tracing === null ? undefined : (parent) => tracing.start(serverSpan(request), parent),
    );
    context.method = request.method;
    request[MARK] = { owner: this, context };
    if (!response.headersSent) {
      response.setHeader('x-request-id', context.requestId);
      response.setHeader('x-correlation-id', context.correlationId);
    }
    metrics?.started(service);
    let finished = false;
    const finish = (status: number): void => {
      if (finished) return;
      finished = true;
      const route = context.route ?? routeBy(options.route, request) ?? expressRoute(request);
      context.route = route;
      const seconds = (clock.monotonic() - started) / 1_000;
      metrics?.finished({ service, method: request.method ?? 'OTHER', route, status, seconds });
      errors.requestFinished(status, context);
      if (context.span !== undefined) endServerSpan(context.span, context, status);
    };
    if (hasBody(request)) keepContext(request, contexts, context);
    keepContext(response, contexts, context, (event) => {
      if (event === 'finish') finish(response.statusCode);
      if (event === 'close') finish(response.writableFinished ? response.statusCode : CLIENT_CLOSED_REQUEST);
    });
    return context;
  }
}

function routeBy(route: RouteOf | undefined, request: IncomingMessage): string | undefined {
  try {
    return route?.(request);
  } catch {
    return undefined;
  }
}

/** Without one a request has nothing left to tell its listeners. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/**
 * Listeners of a request or response run in the parser's or socket's async context; this brings them into the request's.
 * Wrapping `emit` instead of adding listeners costs nothing where nobody listens.
 */
function keepContext(
  emitter: IncomingMessage | ServerResponse,
  contexts: ContextStore,
  context: RequestContext,
  observe?: (event: string | symbol) => void,
): void {
  const emit = emitter.emit;
  emitter.emit = (event: string | symbol, ...args: unknown[]) => {
    observe?.(event);
    if (emitter.listenerCount(event) === 0 && event !== 'error') return false;
    return contexts.run(context, () => Reflect.apply(emit, emitter, [event, ...args]));
  };
}
