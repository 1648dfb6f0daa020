import diagnosticsChannel from 'node:diagnostics_channel';
import type { Span } from '@opentelemetry/api';
import { answered, failed } from '../tracing/http-spans.ts';
import type { Depart } from './departure.ts';

/** Puts headers on the calls of global fetch and undici, and ends their spans. The returned function undoes it. */
export function watchUndici(depart: Depart): () => void {
  const spans = new WeakMap<object, Span>();
  const listeners: Record<string, (message: unknown) => void> = {
    'undici:request:create': (message) => leave(message, depart, spans),
    'undici:request:headers': (message) => {
      const span = spanOf(message, spans);
      const status = statusOf(message);
      if (span !== undefined && status !== undefined) answered(span, status);
    },
    'undici:request:trailers': (message) => spanOf(message, spans)?.end(),
    'undici:request:error': (message) => {
      const span = spanOf(message, spans);
      if (span === undefined) return;
      failed(span, isObject(message) && 'error' in message ? message.error : undefined);
      span.end();
    },
  };
  // A subscriber that throws would end the process; the call goes out without the ids instead.
  const guarded = Object.entries(listeners).map(([channel, listener]) => {
    const quiet = (message: unknown): void => {
      try {
        listener(message);
      } catch {}
    };
    diagnosticsChannel.subscribe(channel, quiet);
    return () => diagnosticsChannel.unsubscribe(channel, quiet);
  });
  return () => {
    for (const unsubscribe of guarded) unsubscribe();
  };
}

function leave(message: unknown, depart: Depart, spans: WeakMap<object, Span>): void {
  const request = requestOf(message);
  if (request === undefined || !isUndiciRequest(request)) return;
  const origin = String(request.origin);
  const present = headerNames(request.headers);
  const { headers, span } = depart({
    method: typeof request.method === 'string' ? request.method : undefined,
    origin,
    host: hostOf(origin),
    path: typeof request.path === 'string' ? request.path : '/',
    traced: present.has('traceparent'),
  });
  if (span !== undefined) spans.set(request, span);
  for (const [name, value] of headers) if (!present.has(name)) request.addHeader(name, value);
}

interface UndiciRequest {
  readonly origin?: unknown;
  readonly method?: unknown;
  readonly path?: unknown;
  /** One string of lines (undici 5) or a flat list of names and values. */
  readonly headers?: unknown;
  addHeader(name: string, value: string): unknown;
}

function isUndiciRequest(value: object): value is UndiciRequest {
  return 'addHeader' in value && typeof value.addHeader === 'function';
}

function requestOf(message: unknown): object | undefined {
  if (!isObject(message) || !('request' in message)) return undefined;
  return isObject(message.request) ? message.request : undefined;
}

function spanOf(message: unknown, spans: WeakMap<object, Span>): Span | undefined {
  const request = requestOf(message);
  return request === undefined ? undefined : spans.get(request);
}

function statusOf(message: unknown): number | undefined {
  if (!isObject(message) || !('response' in message)) return undefined;
  const { response } = message;
  if (!isObject(response) || !('statusCode' in response)) return undefined;
  return typeof response.statusCode === 'number' ? response.statusCode : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function headerNames(headers: unknown): Set<string> {
  const names = new Set<string>();
  if (typeof headers === 'string') {
    for (const line of headers.split('\r\n')) names.add(line.slice(0, line.indexOf(':')).toLowerCase());
  } else if (Array.isArray(headers)) {
    for (let i = 0; i < headers.length; i += 2) names.add(String(headers[i]).toLowerCase());
  }
  return names;
}

function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : origin;
}
