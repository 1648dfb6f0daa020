import { Buffer } from 'node:buffer';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type { SyslogAddress, SyslogConfig } from './config.ts';
import type { SyslogDoor, SyslogFrame } from './door.ts';
import { SyslogFrames } from './framing.ts';
import type { SyslogTelemetry } from './telemetry.ts';

export interface SyslogTcpDeps {
  readonly door: SyslogDoor;
  readonly config: SyslogConfig;
  readonly telemetry: SyslogTelemetry;
  /** Ends what waits for the store. */
  readonly signal: AbortSignal;
}

/** Finds senders that are gone without a word. */
const KEEP_ALIVE_MS = 60_000;
/** Time to agree on TLS. */
const HANDSHAKE_MS = 10_000;

/**
 * Syslog over TCP (RFC 6587), or over TLS (RFC 5425) where a certificate is given. A connection is not read while its last messages are not durable: a slow store slows its senders down,
 * and nothing is dropped.
 */
export class SyslogTcp {
  readonly #deps: SyslogTcpDeps;
  #server: Server | null = null;
  readonly #sockets = new Set<Socket>();
  readonly #running = new Set<Promise<void>>();

  constructor(deps: SyslogTcpDeps) {
    this.#deps = deps;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Resolves with the port. */
  open({ host, port }: SyslogAddress, tls?: TlsOptions): Promise<number> {
    const server = this.#serverFor(tls);
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, () => {
        server.off('error', reject);
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** What has been received is stored, unless the signal has ended. */
  async close(): Promise<void> {
    if (this.#server?.listening === true) this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#running);
  }

  #serverFor(tls: TlsOptions | undefined): Server {
    const options = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
    const serve = (socket: Socket): void => {
      const running = this.#serve(socket, tls === undefined ? 'tcp' : 'tls').finally(() => {
        this.#sockets.delete(socket);
        this.#running.delete(running);
      });
      this.#running.add(running);
    };
    if (tls === undefined) return createServer(options, serve);
    const server = createTlsServer({ ...options, ...tls, handshakeTimeout: HANDSHAKE_MS }, serve);
    // Those that agree on nothing are bounded too.
    server.maxConnections = 2 * this.#deps.config.max_connections;
    server.on('tlsClientError', () => this.#deps.telemetry.handshakes.inc());
    return server;
  }

  async #serve(socket: Socket, transport: 'tcp' | 'tls'): Promise<void> {
    const { door, config, telemetry, signal } = this.#deps;
    // A reset is the sender's right; the loop below ends with it.
    socket.on('error', () => {});
    if (this.#sockets.size >= config.max_connections) {
      telemetry.refused.inc();
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    const peer = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    const frames = new SyslogFrames(config.max_message);
    let batch: SyslogFrame[] = [];
    const take = (bytes: Buffer, cut: boolean): void => void batch.push({ bytes, cut, peer });
    const flush = async (): Promise<void> => {
      const full = batch;
      batch = [];
      if (full.length > 0) await door.store(full, transport, signal);
    };
    try {
      for await (const chunk of socket as AsyncIterable<unknown>) {
        if (Buffer.isBuffer(chunk)) frames.push(chunk, take);
        await flush();
      }
    } catch {
      // Broken off: what came before counts.
    }
    frames.end(take);
    await flush();
  }
}
