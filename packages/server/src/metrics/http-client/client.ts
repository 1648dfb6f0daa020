import { Agent, type Dispatcher, interceptors, request } from 'undici';
import type { HttpClientConfig } from './config.ts';
import { httpClientErrors } from './errors.ts';
import { clientHeaders, type ReadText } from './headers.ts';
import { tlsOptions } from './tls.ts';

interface GetOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

interface HttpAnswer {
  readonly status: number;
  header(name: string): string | undefined;
}

/** Asks one server or a few of them for small documents and streams, as configured. Rejects with `http_client` errors or the signal's reason. */
export interface HttpClient {
  /** The whole body as text, of at most `maxBytes`. */
  text(
    url: string,
    options: GetOptions & { readonly maxBytes: number },
  ): Promise<HttpAnswer & { readonly body: string }>;
  /** The body as it arrives, for as long as the server likes; ended by the signal. */
  stream(
    url: string,
    options: GetOptions,
  ): Promise<HttpAnswer & { readonly body: AsyncIterable<Uint8Array> }>;
  close(): Promise<void>;
}

export interface HttpClientOptions {
  readonly config: HttpClientConfig;
  readonly readText: ReadText;
  /** A Unix socket to connect to instead of the address in the URL. */
  readonly socketPath?: string | undefined;
}

const CONNECT_TIMEOUT_MS = 10_000;
const MAX_REDIRECTS = 10;

/** Throws a system error when a TLS file cannot be read. */
export function createHttpClient({ config, readText, socketPath }: HttpClientOptions): HttpClient {
  const agent = new Agent({
    // The caller's signal bounds both: a watch may be silent for minutes.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      timeout: CONNECT_TIMEOUT_MS,
      ...(config.tls_config === undefined ? {} : tlsOptions(config.tls_config)),
      ...(socketPath === undefined ? {} : { socketPath }),
    },
  });
  // Credentials are dropped on the way to another origin.
  const dispatcher = config.follow_redirects
    ? agent.compose(interceptors.redirect({ maxRedirections: MAX_REDIRECTS }))
    : agent;
  const ask = async (url: string, { headers, signal }: GetOptions): Promise<Dispatcher.ResponseData> => {
    const all = { 'user-agent': 'Pharos', ...headers, ...(await clientHeaders(config, readText)) };
    try {
      return await request(url, { dispatcher, method: 'GET', headers: all, signal });
    } catch (cause) {
      throw failure(url, signal, cause);
    }
  };
  return {
    async text(url, options) {
      const answer = await ask(url, options);
      return { ...answerOf(answer), body: await readAll(url, answer.body, options) };
    },
    async stream(url, options) {
      const answer = await ask(url, options);
      return { ...answerOf(answer), body: answer.body };
    },
    close: () => agent.destroy(),
  };
}

function answerOf({ statusCode, headers }: Dispatcher.ResponseData): HttpAnswer {
  return {
    status: statusCode,
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
  };
}

async function readAll(
  url: string,
  body: AsyncIterable<Uint8Array>,
  { signal, maxBytes }: GetOptions & { readonly maxBytes: number },
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > maxBytes) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw failure(url, signal, cause);
  }
  if (bytes > maxBytes)
    throw httpClientErrors.make('too_large', `${url} answered more than ${maxBytes} bytes`);
  return Buffer.concat(chunks).toString('utf8');
}

function failure(url: string, signal: AbortSignal, cause: unknown): unknown {
  if (!signal.aborted)
    return httpClientErrors.make('connect', `cannot reach ${new URL(url).host}: ${causeText(cause)}`, {
      cause,
    });
  if (signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError')
    return httpClientErrors.make('timeout', `${new URL(url).host} did not answer in time`, { cause });
  return signal.reason;
}

/** The innermost message: a failed connect to several addresses is an AggregateError without one. */
function causeText(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return causeText(cause.errors[0]);
  return cause instanceof Error ? cause.message : String(cause);
}
