import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { TlsConfig } from '../http-client/config.ts';
import { tlsOptions } from '../http-client/tls.ts';
import type { BodyBuffers } from './body_buffers.ts';
import { BodyCollector, type CollectedAnswer, ENOUGH } from './body_collector.ts';
import type { CancelSignal } from './cancellation.ts';
import { Connection, NoAnswer, type Origin } from './connection.ts';
import { scrapeErrors } from './errors.ts';

export interface FetchRequest {
  readonly url: string;
  /** A caller that gives the same object again says that it has not changed. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly followRedirects: boolean;
  /** Longest body, in bytes as they come over the wire. */
  readonly bodyLimit: number;
  /** Where the body's memory comes from. */
  readonly buffers: BodyBuffers;
  readonly signal: CancelSignal;
}

/** The body is as it came over the wire, empty unless the status is 200; the caller gives its buffer back. */
export type FetchResponse = CollectedAnswer;

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

const MAX_REDIRECTS = 10;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
/** Never sent on to another host. */
const SECRET_HEADERS: readonly string[] = ['authorization', 'cookie', 'www-authenticate'];
/** Idle connections kept per origin; more come only from many targets behind one address. */
const MOST_IDLE = 64;

/** Throws a Node.js system error when a TLS file cannot be read. */
export function createHttpFetcher(tls?: TlsConfig): HttpFetcher {
  return new KeepAliveFetcher(tls === undefined ? {} : tlsOptions(tls));
}

class KeepAliveFetcher implements HttpFetcher {
  readonly tls: object;
  readonly #idle = new Map<string, Connection[]>();
  readonly #all = new Set<Connection>();
  readonly #sessions = new Map<string, Buffer>();
  /** The last request of a headers' object. */
  readonly #prepared = new WeakMap<FetchRequest['headers'], Prepared>();
  #closed = false;

  constructor(tls: object) {
    this.tls = tls;
  }

  async fetch(request: FetchRequest): Promise<FetchResponse> {
    let prepared = this.#prepared.get(request.headers);
    if (prepared?.address !== request.url) {
      prepared = prepare(request.url, new URL(request.url), request.headers);
      this.#prepared.set(request.headers, prepared);
    }
    let { headers } = request;
    for (let hop = 0; ; hop++) {
      const { url } = prepared;
      const response = await this.#once(prepared, request);
      const location = response.header('location');
      if (!request.followRedirects || !REDIRECTS.includes(response.status) || location === undefined)
        return response;
      request.buffers.give(response.bytes);
      if (hop === MAX_REDIRECTS) {
        throw scrapeErrors.make('redirects', `${request.url} redirects more than ${MAX_REDIRECTS} times`);
      }
      const next = parseLocation(location, url);
      if (next === null)
        throw scrapeErrors.make('redirects', `${request.url} redirects to an address that is not HTTP`);
      if (next.host !== url.host) headers = withoutSecrets(headers);
      prepared = prepare(next.href, next, headers);
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const connection of this.#all) connection.destroy();
    return Promise.resolve();
  }

  session(origin: Origin): Buffer | undefined {
    return this.#sessions.get(origin.key);
  }

  keepSession(origin: Origin, session: Buffer): void {
    this.#sessions.set(origin.key, session);
  }

  closed(connection: Connection): void {
    this.#all.delete(connection);
    const key = connection.origin.key;
    const left = (this.#idle.get(key) ?? []).filter((other) => other !== connection);
    if (left.length > 0) this.#idle.set(key, left);
    else this.#idle.delete(key);
    if (!this.#anyTo(key)) this.#sessions.delete(key);
  }

  async #once({ url, text, origin }: Prepared, request: FetchRequest): Promise<FetchResponse> {
    for (;;) {
      const known = this.#takeIdle(origin);
      const connection = known ?? this.#open(origin);
      const collector = new BodyCollector(request.buffers, request.bodyLimit);
      try {
        await connection.exchange(text, collector, request.signal);
        this.#putBack(connection, collector.header('keep-alive'));
        return collector.answer();
      } catch (cause) {
        if (cause === ENOUGH) return collector.answer();
        collector.discard();
        if (request.signal.aborted) throw request.signal.reason;
        // The target closed an idle connection just as it was used: once more on another one, as browsers do.
        if (known !== undefined && cause instanceof NoAnswer) continue;
        if (cause instanceof NoAnswer) throw unreachable(url, cause);
        throw cause;
      }
    }
  }

  #open(origin: Origin): Connection {
    if (this.#closed) throw scrapeErrors.make('stopped', 'the job is gone');
    const connection = new Connection(origin, this);
    this.#all.add(connection);
    return connection;
  }

  #takeIdle(origin: Origin): Connection | undefined {
    const idle = this.#idle.get(origin.key);
    for (let found = idle?.pop(); found !== undefined; found = idle?.pop()) if (found.usable) return found;
    return undefined;
  }

  #putBack(connection: Connection, keepAlive: string | undefined): void {
    const seconds = keepAlive === undefined ? undefined : /timeout=(\d{1,9})/i.exec(keepAlive)?.[1];
    if (seconds !== undefined) connection.keepAlive(Number(seconds));
    if (!connection.usable) return;
    const key = connection.origin.key;
    let idle = this.#idle.get(key);
    if (idle === undefined) this.#idle.set(key, (idle = []));
    if (idle.length >= MOST_IDLE || this.#closed) connection.destroy();
    else idle.push(connection);
  }

  #anyTo(key: string): boolean {
    for (const { origin } of this.#all) if (origin.key === key) return true;
    return false;
  }
}

function originOf(url: URL): Origin {
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  return { secure, host, port, key: `${secure ? 'https' : 'http'} ${host} ${port}` };
}

/** A request as it goes over the wire, and where to. */
interface Prepared {
  readonly address: string;
  readonly url: URL;
  readonly text: string;
  readonly origin: Origin;
}

/** Throws `scrape.request` when a header holds what HTTP does not allow. */
function prepare(address: string, url: URL, headers: FetchRequest['headers']): Prepared {
  return { address, url, text: requestText(url, headers), origin: originOf(url) };
}

/** Throws `scrape.request` when a header holds what HTTP does not allow. */
function requestText(url: URL, headers: FetchRequest['headers']): string {
  let text = `GET ${url.pathname}${url.search} HTTP/1.1\r\n`;
  if (headers['host'] === undefined) text += `host: ${url.host}\r\n`;
  for (const [name, values] of Object.entries(headers)) {
    for (const value of typeof values === 'string' ? [values] : values) {
      checkHeader(name, value);
      text += `${name}: ${value}\r\n`;
    }
  }
  return `${text}\r\n`;
}

function checkHeader(name: string, value: string): void {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch (cause) {
    throw scrapeErrors.make(
      'request',
      `the request header "${name}" holds characters that HTTP does not allow`,
      {
        cause,
      },
    );
  }
}

function unreachable(url: URL, failure: NoAnswer): Error {
  const cause = failure.cause ?? failure;
  return scrapeErrors.make('connect', `cannot reach ${url.host}: ${causeText(cause)}`, { cause });
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

/** The innermost message: a failed connect to several addresses is an AggregateError without one. */
function causeText(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return causeText(cause.errors[0]);
  return cause instanceof Error ? cause.message : String(cause);
}
