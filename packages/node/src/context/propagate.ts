import diagnosticsChannel from 'node:diagnostics_channel';
import http, { type ClientRequest } from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { type ContextStore, contextHeaders } from './context.ts';

export interface PropagationOptions {
  /** Which hosts (`name` or `name:port`) get the ids. Default all. */
  readonly allow?: ((host: string) => boolean) | undefined;
}

/**
 * Puts the ids of the running request on outgoing calls: global fetch and undici through their `undici:request:create` channel,
 * http and https by wrapping `request` and `get`, because their own channel speaks up only after the headers have left (Node 20).
 * Headers the caller set stay. The returned function undoes it.
 */
export function propagateContext(contexts: ContextStore, options: PropagationOptions = {}): () => void {
  let active = true;
  const headersFor = (host: string): [string, string][] => {
    const context = active ? contexts.get() : undefined;
    if (context === undefined) return [];
    return allows(options, host) ? contextHeaders(context) : [];
  };
  const onUndici = (message: unknown): void => {
    try {
      addToUndici(message, headersFor);
    } catch {
      // A subscriber that throws would end the process; the call goes out without the ids instead.
    }
  };
  diagnosticsChannel.subscribe('undici:request:create', onUndici);
  const restore = [wrapModule(http, headersFor), wrapModule(https, headersFor)];
  syncBuiltinESMExports();
  return () => {
    if (!active) return;
    active = false;
    diagnosticsChannel.unsubscribe('undici:request:create', onUndici);
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
  headersFor: (host: string) => [string, string][],
): () => void {
  const original = { request: module.request, get: module.get };
  const request = wrapped(original.request, headersFor);
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

function wrapped(
  original: typeof http.request,
  headersFor: (host: string) => [string, string][],
): typeof http.request {
  return new Proxy(original, {
    apply: (target, self, args: Parameters<typeof http.request>) => {
      const outgoing: ClientRequest = Reflect.apply(target, self, args);
      addHeaders(outgoing, headersFor);
      return outgoing;
    },
  });
}

function addHeaders(outgoing: ClientRequest, headersFor: (host: string) => [string, string][]): void {
  if (outgoing.headersSent) return;
  const host = outgoing.getHeader('host');
  for (const [name, value] of headersFor(typeof host === 'string' ? host : outgoing.host))
    if (!outgoing.hasHeader(name)) outgoing.setHeader(name, value);
}

function addToUndici(message: unknown, headersFor: (host: string) => [string, string][]): void {
  const request = undiciRequest(message);
  if (request === undefined) return;
  const headers = headersFor(hostOf(request.origin));
  if (headers.length === 0) return;
  const present = headerNames(request.headers);
  for (const [name, value] of headers) if (!present.has(name)) request.addHeader(name, value);
}

interface UndiciRequest {
  readonly origin?: unknown;
  /** One string of lines (undici 5) or a flat list of names and values. */
  readonly headers?: unknown;
  addHeader(name: string, value: string): unknown;
}

function undiciRequest(message: unknown): UndiciRequest | undefined {
  if (typeof message !== 'object' || message === null || !('request' in message)) return undefined;
  return isUndiciRequest(message.request) ? message.request : undefined;
}

function isUndiciRequest(value: unknown): value is UndiciRequest {
  return (
    typeof value === 'object' &&
    value !== null &&
    'addHeader' in value &&
    typeof value.addHeader === 'function'
  );
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

function hostOf(origin: unknown): string {
  const text = String(origin);
  return URL.canParse(text) ? new URL(text).host : text;
}
