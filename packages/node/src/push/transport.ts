import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';

/** One delivery to Pharos. */
export interface Delivery {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Ends the delivery when its time is over. */
  readonly signal: AbortSignal;
}

export interface DeliveryAnswer {
  readonly status: number;
  /** Seconds the server asked to wait, where it did. */
  readonly retryAfterSeconds: number | undefined;
}

/** Delivers a body with POST. Rejects when nothing answered. */
export type Transport = (delivery: Delivery) => Promise<DeliveryAnswer>;

/** An answer says all in its status; its body is read this far, so that the connection ends in peace, and no further. */
const MAX_ANSWER_BYTES = 16 * 1024;
const ANSWER_TIMEOUT_MS = 1_000;
const MAX_RETRY_AFTER_SECONDS = 3_600;

/**
 * node:http with a connection per delivery, whose socket does not keep the process alive: a service that has finished exits,
 * even while Pharos hangs. Redirects are not followed.
 */
export const httpTransport: Transport = ({ url, headers, body, signal }) =>
  new Promise((resolve, reject) => {
    const { request } = url.startsWith('https:') ? https : http;
    const outgoing = request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': String(body.byteLength), connection: 'close' },
      agent: false,
      signal,
    });
    outgoing.on('socket', (socket) => socket.unref());
    // Errors keep coming after the answer (a reset, say); a listener must be there for all of them.
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      discard(response);
      resolve({
        status: response.statusCode ?? 0,
        retryAfterSeconds: retryAfter(response.headers['retry-after']),
      });
    });
    outgoing.end(body);
  });

function discard(response: IncomingMessage): void {
  let bytes = 0;
  response.on('error', () => response.destroy());
  response.setTimeout(ANSWER_TIMEOUT_MS, () => response.destroy());
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) response.destroy();
  });
}

/** The delay form of Retry-After (RFC 9110, 10.2.3); its date form is not worth a parser here. */
function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined || !/^\d{1,6}$/.test(header)) return undefined;
  return Math.min(Number(header), MAX_RETRY_AFTER_SECONDS);
}
