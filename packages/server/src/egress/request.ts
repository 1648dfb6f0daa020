import {
  type ClientRequest,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { PharosError } from '../kernel/errors.ts';
import { type EgressTls, type PeerFacts, reasonOf } from './dial.ts';
import type { Destination, Egress, Opened } from './door.ts';
import { egressErrors } from './errors.ts';

export type EgressHeaders = Readonly<Record<string, string | readonly string[]>>;

export interface EgressRequest extends Pick<Destination, 'trust' | 'purpose' | 'family' | 'fallback'> {
  /** http or https. */
  readonly url: string;
  /** GET when absent. */
  readonly method?: string | undefined;
  /** Names in lower case. */
  readonly headers?: EgressHeaders | undefined;
  readonly body?: string | Uint8Array | undefined;
  /** For all of it: the wait for a place, redirects, the body. */
  readonly timeoutMs: number;
  /** Longer bodies are cut off there. */
  readonly maxBytes: number;
  /** How many redirects are followed; 0 when absent. */
  readonly redirects?: number | undefined;
  /** For https; verified against the machine's authorities when absent. */
  readonly tls?: EgressTls | undefined;
  /** Ends it early. */
  readonly signal?: AbortSignal | undefined;
}

/** Seconds, summed over redirects. `processing` is the wait for the answer's head, `transfer` its body. */
interface Phases {
  resolve: number;
  connect: number;
  tls: number;
  processing: number;
  transfer: number;
}

export interface EgressAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As it came over the wire. */
  readonly body: Buffer;
  readonly truncated: boolean;
  /** Where the answer came from, after redirects. */
  readonly url: string;
  readonly address: string;
  readonly redirects: number;
  /** Such as 1.1. */
  readonly httpVersion: string;
  readonly phases: Phases;
  /** Of the last connection; null without TLS. */
  readonly peer: PeerFacts | null;
}

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const MAX_HEADER_BYTES = 64 * 1024;

/**
 * One HTTP/1.1 request on a connection of its own. Redirects are judged like the first address; one that leads to another host is
 * trusted no more than a target of the API, and gets no credentials. Rejects with `egress` errors or the signal's reason.
 */
export async function egressRequest(egress: Egress, request: EgressRequest): Promise<EgressAnswer> {
  const controller = new AbortController();
  const timer = egress.clock.after(request.timeoutMs, () =>
    controller.abort(
      egressErrors.make(
        'timeout',
        `${hostOf(request.url)} did not answer within ${request.timeoutMs / 1000} s`,
      ),
    ),
  );
  const abort = (): void => controller.abort(request.signal?.reason);
  if (request.signal?.aborted === true) abort();
  request.signal?.addEventListener('abort', abort, { once: true });
  try {
    return await follow(egress, request, controller.signal);
  } finally {
    timer.cancel();
    request.signal?.removeEventListener('abort', abort);
  }
}

interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: EgressHeaders;
  readonly body: EgressRequest['body'];
  readonly trust: Destination['trust'];
}

async function follow(egress: Egress, request: EgressRequest, signal: AbortSignal): Promise<EgressAnswer> {
  const phases: Phases = { resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 };
  const most = request.redirects ?? 0;
  let hop: Hop = {
    url: httpUrl(request.url),
    method: request.method ?? 'GET',
    headers: request.headers ?? {},
    body: request.body,
    trust: request.trust,
  };
  for (let redirects = 0; ; redirects++) {
    const answer = await exchange({ egress, request, hop, phases, signal });
    const location = REDIRECTS.includes(answer.status) ? answer.headers.location : undefined;
    if (most === 0 || location === undefined) return { ...answer, redirects, phases };
    if (redirects === most)
      throw egressErrors.make('redirects', `${request.url} redirects more than ${most} times`);
    hop = nextHop(hop, answer.status, location);
  }
}

/** Throws `request` when the text is no address of HTTP. */
function httpUrl(text: string): URL {
  let url: URL | null = null;
  try {
    url = new URL(text);
  } catch {
    // Said below.
  }
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw egressErrors.make('request', `"${text.slice(0, 200)}" is not an http or https address`);
}

function nextHop(hop: Hop, status: number, location: string): Hop {
  let url: URL;
  try {
    url = new URL(location, hop.url);
  } catch (cause) {
    throw egressErrors.make('redirects', `redirected to "${location.slice(0, 200)}", which is no address`, {
      cause,
    });
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw egressErrors.make('redirects', `redirected to "${location.slice(0, 200)}", which is not HTTP`);
  // RFC 9110, 15.4: 303, and by custom a POST that meets 301 or 302, goes on as GET.
  const asGet =
    status === 303 ? hop.method !== 'HEAD' : (status === 301 || status === 302) && hop.method === 'POST';
  const sameHost =
    url.hostname === hop.url.hostname && !(hop.url.protocol === 'https:' && url.protocol === 'http:');
  return {
    url,
    method: asGet ? 'GET' : hop.method,
    body: asGet ? undefined : hop.body,
    headers: sameHost ? hop.headers : publicHeaders(hop.headers),
    trust: url.hostname === hop.url.hostname || hop.trust === 'stranger' ? hop.trust : 'api',
  };
}

/** Headers that say nothing secret; a key may stand in any other. */
const PUBLIC_HEADERS: readonly string[] = [
  'accept',
  'accept-encoding',
  'accept-language',
  'content-type',
  'user-agent',
];

function publicHeaders(headers: EgressHeaders): EgressHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => PUBLIC_HEADERS.includes(name.toLowerCase())),
  );
}

interface Exchange {
  readonly egress: Egress;
  readonly request: EgressRequest;
  readonly hop: Hop;
  readonly phases: Phases;
  readonly signal: AbortSignal;
}

type HopAnswer = Omit<EgressAnswer, 'redirects' | 'phases'>;

async function exchange({ egress, request, hop, phases, signal }: Exchange): Promise<HopAnswer> {
  const { url } = hop;
  const secure = url.protocol === 'https:';
  const opened = await egress.open({
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    trust: hop.trust,
    purpose: request.purpose,
    family: request.family,
    fallback: request.fallback,
    ...(secure ? { tls: request.tls ?? { verify: true } } : {}),
    signal,
  });
  phases.resolve += opened.resolve;
  phases.connect += opened.connect;
  phases.tls += opened.tls;
  try {
    return await talk({ egress, request, hop, phases, signal }, opened);
  } finally {
    opened.socket.destroy();
  }
}

function talk({ egress, request, hop, phases, signal }: Exchange, opened: Opened): Promise<HopAnswer> {
  const { clock } = egress;
  const { url } = hop;
  const sentAt = clock.monotonic();
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      signal.removeEventListener('abort', abort);
      outgoing.on('error', () => {});
    };
    const fail = (cause: unknown): void => {
      settle();
      outgoing.destroy();
      reject(cause instanceof PharosError || signal.aborted ? cause : broken(url, cause));
    };
    const abort = (): void => fail(signal.reason);
    let outgoing: ClientRequest;
    try {
      outgoing = send(hop, opened);
    } catch (cause) {
      // Node.js refuses header names, values and methods that HTTP does not allow.
      reject(
        egressErrors.make('request', `the request to ${url.host} cannot be made: ${textOf(cause)}`, {
          cause,
        }),
      );
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    outgoing.once('error', fail);
    outgoing.once('response', (incoming) => {
      const headAt = clock.monotonic();
      phases.processing += (headAt - sentAt) / 1000;
      readBody(incoming, request.maxBytes).then(({ body, truncated }) => {
        settle();
        phases.transfer += (clock.monotonic() - headAt) / 1000;
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body,
          truncated,
          url: url.href,
          address: opened.address,
          httpVersion: incoming.httpVersion,
          peer: opened.peer,
        });
      }, fail);
    });
    outgoing.end(hop.body);
  });
}

/** Throws what Node.js says of a request that cannot be written. */
function send({ url, method, headers, body }: Hop, { socket }: Opened): ClientRequest {
  const all: Record<string, string | string[]> = { host: url.host, 'user-agent': 'Pharos' };
  if (body !== undefined) all['content-length'] = String(Buffer.byteLength(body));
  for (const [name, value] of Object.entries(headers))
    all[name.toLowerCase()] = typeof value === 'string' ? value : [...value];
  const user = decodeURIComponent(url.username);
  if (user !== '' && all['authorization'] === undefined)
    all['authorization'] =
      `Basic ${Buffer.from(`${user}:${decodeURIComponent(url.password)}`).toString('base64')}`;
  return httpRequest({
    createConnection: () => socket,
    method,
    path: `${url.pathname}${url.search}`,
    headers: { ...all, connection: 'close' },
    setHost: false,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
}

function readBody(
  incoming: IncomingMessage,
  maxBytes: number,
): Promise<{ readonly body: Buffer; readonly truncated: boolean }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes <= maxBytes) return;
      incoming.removeAllListeners('data');
      incoming.destroy();
      resolve({ body: Buffer.concat(chunks).subarray(0, maxBytes), truncated: true });
    });
    incoming.once('error', reject);
    incoming.once('end', () => resolve({ body: Buffer.concat(chunks), truncated: false }));
    incoming.once('close', () =>
      reject(new Error('the other side closed the connection in the middle of its answer')),
    );
  });
}

function broken(url: URL, cause: unknown): PharosError {
  const reason = cause instanceof Error ? reasonOf(cause) : textOf(cause);
  return egressErrors.make('protocol', `${url.host} gave no whole answer: ${reason}`, { cause });
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function hostOf(url: string): string {
  return httpUrl(url).host;
}
