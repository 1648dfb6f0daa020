import { Agent, errors, request } from 'undici';
import type { TlsConfig } from '../http-client/config.ts';
import { tlsOptions } from '../http-client/tls.ts';
import { scrapeErrors } from './errors.ts';

export interface FetchRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly followRedirects: boolean;
  readonly signal: AbortSignal;
}

export interface FetchResponse {
  readonly status: number;
  header(name: string): string | undefined;
  /** The body as it arrives. Ending the iteration early closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * The way out to targets. Keeps connections alive between scrapes. Rejects with a `scrape` error when no answer can be
 * had, or with the signal's reason when that aborts.
 */
export interface HttpFetcher {
  fetch(request: FetchRequest): Promise<FetchResponse>;
  close(): Promise<void>;
}

/** Makes the fetcher of one job; jobs differ in TLS settings. */
export type FetcherFactory = (tls: TlsConfig | undefined) => HttpFetcher;

/** A target's connection outlives the usual intervals; targets that close earlier say so in `Keep-Alive`. */
const KEEP_ALIVE_MS = 120_000;
const MAX_REDIRECTS = 10;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
/** Never sent on to another host. */
const SECRET_HEADERS: readonly string[] = ['authorization', 'cookie', 'www-authenticate'];

/** Throws a Node.js system error when a TLS file cannot be read. */
export function createHttpFetcher(tls?: TlsConfig): HttpFetcher {
  const agent = new Agent({
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    // The scrape's own deadline bounds all of these.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: tls === undefined ? {} : tlsOptions(tls),
  });
  return {
    fetch: (fetchRequest) => follow(agent, fetchRequest),
    close: () => agent.destroy(),
  };
}

async function follow(
  agent: Agent,
  { url, headers, followRedirects, signal }: FetchRequest,
): Promise<FetchResponse> {
  let current = new URL(url);
  let sent = headers;
  for (let hop = 0; ; hop++) {
    const response = await once(agent, current, sent, signal);
    const location = response.header('location');
    if (!followRedirects || !REDIRECTS.includes(response.status) || location === undefined) return response;
    await discard(response.body);
    if (hop === MAX_REDIRECTS) {
      throw scrapeErrors.make('redirects', `${url} redirects more than ${MAX_REDIRECTS} times`);
    }
    const next = parseLocation(location, current);
    if (next === null)
      throw scrapeErrors.make('redirects', `${url} redirects to an address that is not HTTP`);
    if (next.host !== current.host) sent = withoutSecrets(sent);
    current = next;
  }
}

async function once(
  agent: Agent,
  url: URL,
  headers: FetchRequest['headers'],
  signal: AbortSignal,
): Promise<FetchResponse> {
  for (let attempt = 0; ; attempt++) {
    try {
      const response = await request(url, { dispatcher: agent, method: 'GET', headers, signal });
      return {
        status: response.statusCode,
        header: (name) => {
          const value = response.headers[name];
          return Array.isArray(value) ? value[0] : value;
        },
        body: response.body,
      };
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      // The target closed an idle connection just as it was used: once more on a fresh one, as browsers do.
      if (attempt === 0 && cause instanceof errors.SocketError) continue;
      throw scrapeErrors.make('connect', `cannot reach ${url.host}: ${causeText(cause)}`, { cause });
    }
  }
}

async function discard(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of body) break;
}

function parseLocation(location: string, base: URL): URL | null {
  try {
    const next = new URL(location, base);
    return next.protocol === 'http:' || next.protocol === 'https:' ? next : null;
  } catch {
    return null;
  }
}

function withoutSecrets(headers: FetchRequest['headers']): FetchRequest['headers'] {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !SECRET_HEADERS.includes(name.toLowerCase())),
  );
}

/** The innermost message: undici wraps a failed connect to several addresses in an AggregateError without one. */
function causeText(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return causeText(cause.errors[0]);
  return cause instanceof Error ? cause.message : String(cause);
}
