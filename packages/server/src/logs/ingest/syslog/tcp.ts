import { Buffer } from 'node:buffer';
import { createServer, type Server, type Socket } from 'node:net';
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

/**
 * Syslog over TCP (RFC 6587). A connection is not read while its last messages are not durable: a slow store slows its senders down,
 * and nothing is dropped.
 */
export class SyslogTcp {
  readonly #deps: SyslogTcpDeps;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #running = new Set<Promise<void>>();

  constructor(deps: SyslogTcpDeps) {
    this.#deps = deps;
    this.#server = createServer({ keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }, (socket) => {
      const running = this.#serve(socket).finally(() => {
        this.#sockets.delete(socket);
        this.#running.delete(running);
      });
      this.#running.add(running);
    });
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Resolves with the port. */
  open({ host, port }: SyslogAddress): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** What has been received is stored, unless the signal has ended. */
  async close(): Promise<void> {
    if (this.#server.listening) this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#running);
  }

  async #serve(socket: Socket): Promise<void> {
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
      if (full.length > 0) await door.store(full, 'tcp', signal);
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
