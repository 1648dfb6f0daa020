import http, { type ClientRequest, IncomingMessage } from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import type { Span } from '@opentelemetry/api';
import { answered, clientSpan, failed } from '../tracing/http-spans.ts';
import { fromSpanContext } from '../tracing/span-context.ts';
import type { Tracing } from '../tracing/tracing.ts';
import { type ContextStore, contextHeaders } from './context.ts';
import type { Depart } from './departure.ts';
import { watchUndici } from './undici.ts';

export interface PropagationOptions {
  /** Which hosts (`name` or `name:port`) get the ids. Default all. */
  readonly allow?: ((host: string) => boolean) | undefined;
}

/**
 * Puts the ids of the running request on outgoing calls, and records a span of each where spans are recorded: global fetch and undici
 * through their `undici:request:*` channels, http and https by wrapping `request` and `get`, because their own channel speaks up only
 * after the headers have left (Node 20). Headers the caller set stay. The returned function undoes it.
 */
export function propagateContext(
  contexts: ContextStore,
  options: PropagationOptions = {},
  tracing: Tracing | null = null,
): () => void {
  let active = true;
  const depart: Depart = (leaving) => {
    const frame = active ? contexts.frame() : undefined;
    if (frame === undefined) return { headers: [], span: undefined };
    const { method, origin, path } = leaving;
    const span =
      leaving.traced || tracing === null
        ? undefined
        : tracing.start(clientSpan(method, origin, path), contexts.span() ?? contexts.trace());
    const position = span === undefined ? contexts.trace() : fromSpanContext(span.spanContext());
    return { headers: allows(options, leaving.host) ? contextHeaders(frame.request, position) : [], span };
  };
  const unsubscribe = watchUndici(depart);
  const restore = [wrapModule(http, 'http:', depart), wrapModule(https, 'https:', depart)];
  syncBuiltinESMExports();
  return () => {
    if (!active) return;
    active = false;
    unsubscribe();
    for (const undo of restore) undo();
    syncBuiltinESMExports();
  };
}

function allows(options: PropagationOptions, host: string): boolean {
  if (options.allow === undefined) return true;
  try {
    return options.allow(host);
  } catch {
    return false;
  }
}

/** Wraps `request` and `get`. Undone only while nobody wrapped on top; otherwise ours stays and does nothing. */
function wrapModule(
  module: Pick<typeof http, 'request' | 'get'>,
  scheme: string,
  depart: Depart,
): () => void {
  const original = { request: module.request, get: module.get };
  const request = wrapped(original.request, scheme, depart);
  module.request = request;
  // `get` is `request` and `end`; node's own calls its inner `request`, past the wrapper.
  const get: typeof http.get = new Proxy(original.get, {
    apply: (_target, _self, args: Parameters<typeof http.request>) => {
      const outgoing = Reflect.apply(request, undefined, args);
      outgoing.end();
      return outgoing;
    },
  });
  module.get = get;
  return () => {
    if (module.request === request) module.request = original.request;
    if (module.get === get) module.get = original.get;
  };
}

function wrapped(original: typeof http.request, scheme: string, depart: Depart): typeof http.request {
  return new Proxy(original, {
    apply: (target, self, args: Parameters<typeof http.request>) => {
      const outgoing: ClientRequest = Reflect.apply(target, self, args);
      if (!outgoing.headersSent) leave(outgoing, scheme, depart);
      return outgoing;
    },
  });
}

function leave(outgoing: ClientRequest, scheme: string, depart: Depart): void {
  const header = outgoing.getHeader('host');
  const host = typeof header === 'string' ? header : outgoing.host;
  const { headers, span } = depart({
    method: outgoing.method,
    origin: `${scheme}//${host}`,
    host,
    path: outgoing.path,
    traced: outgoing.hasHeader('traceparent'),
  });
  for (const [name, value] of headers) if (!outgoing.hasHeader(name)) outgoing.setHeader(name, value);
  if (span !== undefined) endWith(outgoing, span);
}

/** Watches `emit` instead of adding listeners: an answer that nobody listens for must still be thrown away by Node. */
function endWith(outgoing: ClientRequest, span: Span): void {
  const emit = outgoing.emit;
  outgoing.emit = (event: string | symbol, ...args: unknown[]) => {
    const [first] = args;
    if (event === 'response' && first instanceof IncomingMessage) answered(span, first.statusCode ?? 0);
    if (event === 'error') failed(span, first);
    if (event === 'close') span.end();
    return Reflect.apply(emit, outgoing, [event, ...args]);
  };
}
