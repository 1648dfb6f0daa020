import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Log } from '../kernel/log.ts';
import { type Authenticator, admit } from './admit.ts';
import { httpErrors } from './errors.ts';
import type { GatePolicy } from './gate.ts';
import { toPharosError } from './render.ts';

/** A request to open a WebSocket, let in by the gate. */
export interface SocketRequest {
  readonly tenant: string;
  readonly params: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

/** One path that opens WebSockets (RFC 6455). */
export interface SocketRoute {
  readonly path: string;
  /** Throws a PharosError to answer the request with its status instead of opening; else says what to do with the open socket. */
  accept(request: SocketRequest): (socket: WebSocket) => void;
}

export interface SocketOptions {
  readonly policy: GatePolicy;
  readonly authenticator: Authenticator;
  readonly log: Log;
  readonly routes: readonly SocketRoute[];
  /** Whether the server speaks TLS. */
  readonly secure: boolean;
}

/** Nothing a client says here is long. */
const MOST_PAYLOAD = 4096;
/** Close code for a server that stops (RFC 6455, 7.4.1). */
const GOING_AWAY = 1001;

/** WebSockets behind the same gate as every request. */
export class Sockets {
  readonly #options: SocketOptions;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MOST_PAYLOAD });

  constructor(options: SocketOptions) {
    this.#options = options;
  }

  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (request.headers.upgrade?.toLowerCase() !== 'websocket')
        reenter(server, this.#options, { request, socket, head });
      else void this.#open(request, socket, head);
    });
  }

  /** Says goodbye to every client, and closes the connections. */
  close(): void {
    for (const client of this.#server.clients) {
      client.close(GOING_AWAY, 'the server stops');
      client.terminate();
    }
  }

  async #open(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const onError = (): void => void socket.destroy();
    socket.on('error', onError);
    try {
      const { headers, method = 'GET', url = '' } = request;
      const { tenant } = await admit({ method, headers }, this.#options);
      const at = url.indexOf('?');
      const path = at < 0 ? url : url.slice(0, at);
      const route = this.#options.routes.find((one) => one.path === path);
      if (route === undefined) throw httpErrors.make('notFound', 'nothing opens a WebSocket here');
      const use = route.accept({ tenant, params: new URLSearchParams(at < 0 ? '' : url.slice(at)), headers });
      socket.off('error', onError);
      this.#server.handleUpgrade(request, socket, head, (opened) => {
        opened.on('error', () => opened.terminate());
        use(opened);
      });
    } catch (thrown) {
      this.#refuse(socket, thrown);
    }
  }

  #refuse(socket: Duplex, thrown: unknown): void {
    const error = toPharosError(thrown);
    if (error.kind === 'internal')
      this.#options.log.error({ err: error.cause ?? error }, 'a WebSocket failed to open');
    const body = `${error.message}\n`;
    const challenge =
      error.kind === 'unauthorized' ? 'WWW-Authenticate: Basic realm="Pharos", charset="UTF-8"\r\n' : '';
    socket.end(
      `HTTP/1.1 ${error.status} Refused\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n${challenge}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
}

/**
 * Any other upgrade is an offer that a server may ignore (RFC 9110, 7.8), as of clients that would rather speak HTTP/2: the request
 * is given back to the server without it. Node hands every upgrade over once anybody listens for one.
 */
function reenter(
  server: Server,
  { secure }: SocketOptions,
  {
    request,
    socket,
    head,
  }: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
): void {
  const { rawHeaders, method = 'GET', url = '/', httpVersion } = request;
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (!/^(?:upgrade|connection|http2-settings)$/i.test(name))
      text += `${name}: ${rawHeaders[i + 1] ?? ''}\r\n`;
  }
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]));
  server.emit(secure ? 'secureConnection' : 'connection', socket);
}
