import type { IncomingMessage } from 'node:http';
import { type Attributes, type Span, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { RequestContext } from '../context/context.ts';
import { maskText } from '../logs/mask.ts';
import { UNMATCHED_ROUTE } from '../metrics/http-metrics.ts';

/**
 * Spans of HTTP requests under the names of OpenTelemetry's semantic conventions for HTTP 1.23+
 * (https://opentelemetry.io/docs/specs/semconv/http/http-spans/).
 */
const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
  'QUERY',
]);
const MAX_TEXT = 512;

export interface SpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
}

/** What is known of an incoming request before it is worked on. */
export function serverSpan(request: IncomingMessage): SpanStart {
  const method = methodOf(request.method);
  const url = request.url ?? '/';
  const query = url.indexOf('?');
  return {
    name: spanName(method),
    kind: SpanKind.SERVER,
    attributes: {
      'http.request.method': method,
      'url.scheme': 'encrypted' in request.socket ? 'https' : 'http',
      'url.path': bounded(maskText(query < 0 ? url : url.slice(0, query))),
      ...hostAttributes(request.headers.host),
      'client.address': request.socket.remoteAddress,
      'network.protocol.version': request.httpVersion,
      'user_agent.original':
        request.headers['user-agent'] === undefined ? undefined : bounded(request.headers['user-agent']),
    },
  };
}

/** Ends the span of an incoming request with what its answer tells. */
export function endServerSpan(span: Span, context: RequestContext, status: number): void {
  const { method, route, username, errorType } = context;
  if (route !== undefined && route !== UNMATCHED_ROUTE) {
    span.updateName(`${spanName(methodOf(method))} ${route}`);
    span.setAttribute('http.route', route);
  }
  span.setAttribute('http.response.status_code', status);
  span.setAttribute('request_id', context.requestId);
  if (context.correlationId !== context.requestId) span.setAttribute('correlation_id', context.correlationId);
  if (username !== undefined) span.setAttribute('user.name', bounded(maskText(username)));
  if (status >= 400) span.setAttribute('error.type', errorType ?? String(status));
  // What a client did wrong is no error of the server.
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** An outgoing call; `origin` is scheme, host and port. */
export function clientSpan(method: string | undefined, origin: string, path: string): SpanStart {
  const known = methodOf(method);
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  const query = path.indexOf('?');
  return {
    name: spanName(known),
    kind: SpanKind.CLIENT,
    attributes: {
      'http.request.method': known,
      ...(url !== undefined && {
        'server.address': url.hostname,
        'server.port': Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
        // Queries carry tokens more often than they explain a call.
        'url.full': bounded(maskText(url.origin + (query < 0 ? path : path.slice(0, query)))),
      }),
    },
  };
}

/** Notes the answer's status; for a caller every 4xx and 5xx is an error. */
export function answered(span: Span, status: number): void {
  span.setAttribute('http.response.status_code', status);
  if (status < 400) return;
  span.setAttribute('error.type', String(status));
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** Notes that work failed: an event `exception`, and the status. Secrets are masked. */
export function failed(span: Span, error: unknown): void {
  const { name, message, stack } = described(error);
  span.recordException({ name, message, ...(stack !== undefined && { stack }) });
  span.setAttribute('error.type', name);
  span.setStatus({ code: SpanStatusCode.ERROR, message: bounded(message) });
}

function described(error: unknown): { name: string; message: string; stack?: string | undefined } {
  if (!(error instanceof Error)) return { name: typeof error, message: maskText(String(error)) };
  const { name, message, stack } = error;
  return {
    name: bounded(maskText(String(name))),
    message: maskText(String(message)),
    stack: typeof stack === 'string' ? maskText(stack) : undefined,
  };
}

function methodOf(method: string | undefined): string {
  const upper = (method ?? 'GET').toUpperCase();
  return METHODS.has(upper) ? upper : '_OTHER';
}

function spanName(method: string): string {
  return method === '_OTHER' ? 'HTTP' : method;
}

function hostAttributes(host: string | undefined): Attributes {
  if (host === undefined || !URL.canParse(`http://${host}`)) return {};
  const { hostname, port } = new URL(`http://${host}`);
  return { 'server.address': hostname, ...(port !== '' && { 'server.port': Number(port) }) };
}

function bounded(text: string): string {
  return text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text;
}
