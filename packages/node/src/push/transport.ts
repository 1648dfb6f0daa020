import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';

/** One delivery to Pharos. */
export interface Delivery {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Bytes of the answer's body that are wanted; absent where the status says all. */
  readonly answerBytes?: number | undefined;
  /** Ends the delivery when its time is over. */
  readonly signal: AbortSignal;
}

export interface DeliveryAnswer {
  readonly status: number;
  /** Seconds the server asked to wait, where it did. */
  readonly retryAfterSeconds: number | undefined;
  /** The answer's body, where `answerBytes` asked for it; without it breakers report and take no commands. */
  readonly body?: string | undefined;
}

/** Delivers a body with POST. Rejects when nothing answered. */
export type Transport = (delivery: Delivery) => Promise<DeliveryAnswer>;

/** An answer says all in its status; its body is read this far, so that the connection ends in peace, and no further. */
const MAX_ANSWER_BYTES = 16 * 1024;
const ANSWER_TIMEOUT_MS = 1_000;
const MAX_RETRY_AFTER_SECONDS = 3_600;

/** For those whose answer is wanted: the breakers' channel asks again and again. Free sockets keep no process alive. */
const AGENTS = {
  http: new http.Agent({ keepAlive: true, maxFreeSockets: 2 }),
  https: new https.Agent({ keepAlive: true, maxFreeSockets: 2 }),
};

/**
 * node:http with a connection per delivery, whose socket does not keep the process alive: a service that has finished exits,
 * even while Pharos hangs. Where the answer is wanted, connections are kept. Redirects are not followed.
 */
export const httpTransport: Transport = ({ url, headers, body, answerBytes, signal }) =>
  new Promise((resolve, reject) => {
    const secure = url.startsWith('https:');
    const { request } = secure ? https : http;
    const kept = secure ? AGENTS.https : AGENTS.http;
    const outgoing = request(url, {
      method: 'POST',
      headers: {
        ...headers,
        'content-length': String(body.byteLength),
        ...(answerBytes === undefined && { connection: 'close' }),
      },
      agent: answerBytes === undefined ? false : kept,
      signal,
    });
    outgoing.on('socket', (socket) => socket.unref());
    // Errors keep coming after the answer (a reset, say); a listener must be there for all of them.
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const head = {
        status: response.statusCode ?? 0,
        retryAfterSeconds: retryAfter(response.headers['retry-after']),
      };
      if (answerBytes === undefined) {
        discard(response);
        resolve(head);
      } else collect(response, answerBytes).then((text) => resolve({ ...head, body: text }), reject);
    });
    outgoing.end(body);
  });

/** Rejects with what is larger than wanted, or ends before its end. */
function collect(response: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on('error', reject);
    response.on('close', () => reject(new Error('the answer ended early')));
    response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > maxBytes) response.destroy(new Error(`the answer is larger than ${maxBytes} bytes`));
    });
  });
}

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
