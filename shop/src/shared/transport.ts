import { Agent, request } from 'undici';

/** Larger answers than this are refused: nothing in the shop sends them. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;
const CONNECT_TIMEOUT_MS = 1_000;
const CONNECTIONS_PER_HOST = 32;

export interface RawRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | string | undefined;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** HTTP as it is: one try, no judgement of the status. Rejects with undici's own error when there is no answer. */
export interface Transport {
  send(baseUrl: string, what: RawRequest, signal: AbortSignal): Promise<RawAnswer>;
  close(): Promise<void>;
}

/** Kept-alive connections to a handful of hosts. The deadline is the caller's signal. */
export function createTransport(): Transport {
  const dispatcher = new Agent({
    connections: CONNECTIONS_PER_HOST,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepAliveTimeout: 4_000,
    maxResponseSize: MAX_RESPONSE_BYTES,
    bodyTimeout: 0,
    headersTimeout: 0,
  });
  return {
    send: async (baseUrl, { method, path, headers, body }, signal) => {
      const answer = await request(baseUrl + path, {
        method,
        headers,
        body: body ?? null,
        signal,
        dispatcher,
      });
      const bytes = Buffer.from(await answer.body.arrayBuffer());
      return { status: answer.statusCode, headers: answer.headers, body: bytes };
    },
    close: () => dispatcher.destroy(),
  };
}
