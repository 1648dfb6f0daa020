import type { Buffer } from 'node:buffer';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { SyslogAddress, SyslogConfig } from './config.ts';
import type { SyslogDoor, SyslogFrame } from './door.ts';
import type { SyslogTelemetry } from './telemetry.ts';

export interface SyslogUdpDeps {
  readonly door: SyslogDoor;
  readonly config: SyslogConfig;
  readonly telemetry: SyslogTelemetry;
  readonly signal: AbortSignal;
}

/** The kernel's own queue, for bursts; it gives what it may. */
const RECEIVE_BUFFER = 4 * 2 ** 20;
/** What one datagram costs besides its bytes. */
const OVERHEAD = 100;
const MOST_PER_ROUND = 10_000;

/** Syslog over UDP (RFC 5426): one message a datagram. While the store is slow they wait, as far as the queue goes; more are dropped and counted. */
export class SyslogUdp {
  readonly #deps: SyslogUdpDeps;
  #socket: Socket | null = null;
  #queue: SyslogFrame[] = [];
  #bytes = 0;
  #storing: Promise<void> | null = null;

  constructor(deps: SyslogUdpDeps) {
    this.#deps = deps;
  }

  get queuedBytes(): number {
    return this.#bytes;
  }

  /** Resolves with the port. */
  open({ host, port }: SyslogAddress): Promise<number> {
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4' });
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address: host, port }, () => {
        socket.off('error', reject);
        socket.on('error', () => {});
        try {
          socket.setRecvBufferSize(RECEIVE_BUFFER);
        } catch {
          // The kernel's default then.
        }
        this.#socket = socket;
        socket.on('message', (bytes, from) => this.#receive(bytes, from));
        resolve(socket.address().port);
      });
    });
  }

  async close(): Promise<void> {
    this.#socket?.close();
    this.#socket = null;
    await this.#storing;
  }

  #receive(datagram: Buffer, { address }: RemoteInfo): void {
    const { config, telemetry } = this.#deps;
    const cut = datagram.length > config.max_message;
    const bytes = trimmed(cut ? datagram.subarray(0, config.max_message) : datagram);
    if (bytes.length === 0) return;
    if (this.#bytes + bytes.length + OVERHEAD > config.queue) {
      telemetry.dropped.inc({ transport: 'udp', reason: 'queue_full' });
      return;
    }
    this.#queue.push({ bytes, cut, peer: address.replace(/^::ffff:/, '') });
    this.#bytes += bytes.length + OVERHEAD;
    this.#storing ??= this.#drain().finally(() => {
      this.#storing = null;
    });
  }

  async #drain(): Promise<void> {
    const { door, signal } = this.#deps;
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, MOST_PER_ROUND);
      await door.store(batch, 'udp', signal);
      // They count until they are durable: they are in memory until then.
      for (const { bytes } of batch) this.#bytes -= bytes.length + OVERHEAD;
    }
  }
}

/** Without the line's end or NUL that some senders close with. */
function trimmed(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d || bytes[end - 1] === 0)) end--;
  return bytes.subarray(0, end);
}
