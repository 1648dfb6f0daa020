import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../kernel/clock.ts';

export interface StreamEvent {
  /** Absent: the unnamed kind, which browsers call `message`. */
  readonly event?: string;
  readonly data: unknown;
}

/** Called when streams open, close, or are cut for being slow. */
export interface StreamObserver {
  opened(): void;
  closed(): void;
  dropped(): void;
}

/** A reader that falls this far behind is cut; it reconnects and is told the whole state again. */
const MAX_BACKLOG_BYTES = 1_000_000;
const HEARTBEAT_MS = 15_000;
const MAX_STREAMS = 500;

/** Server-sent events to every open dashboard (WHATWG HTML, 9.2). One hub per process. */
export class EventHub {
  readonly #clock: Clock;
  readonly #observer: StreamObserver;
  readonly #open = new Set<FastifyReply['raw']>();
  #closed = false;

  constructor(clock: Clock, observer: StreamObserver) {
    this.#clock = clock;
    this.#observer = observer;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Takes the reply over. `greeting` are the events that bring a new reader up to date. False when there are too many readers, or when the hub is closed. */
  connect(request: FastifyRequest, reply: FastifyReply, greeting: readonly StreamEvent[]): boolean {
    if (this.#closed || this.#open.size >= MAX_STREAMS) return false;
    const { raw } = reply;
    reply.hijack();
    // A reader that left while its greeting was made has closed already: nothing would ever take it off the list.
    if (raw.destroyed) return true;
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) raw.setHeader(name, value);
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    raw.write(`retry: 2000\n\n${greeting.map(encode).join('')}`);
    this.#open.add(raw);
    this.#observer.opened();
    const heartbeat = this.#clock.every(HEARTBEAT_MS, () => this.#send(raw, ': still here\n\n'));
    request.raw.socket.setTimeout(0);
    raw.once('close', () => {
      heartbeat.cancel();
      if (this.#open.delete(raw)) this.#observer.closed();
    });
    return true;
  }

  broadcast(event: StreamEvent): void {
    if (this.#open.size === 0) return;
    const text = encode(event);
    for (const raw of this.#open) this.#send(raw, text);
  }

  /** Ends every stream, and takes no new one: a server that stops waits for the answers that are still open. */
  close(): void {
    this.#closed = true;
    for (const raw of this.#open) raw.end();
  }

  #send(raw: FastifyReply['raw'], text: string): void {
    if (raw.destroyed || raw.writableEnded) return;
    if (raw.writableLength > MAX_BACKLOG_BYTES) {
      this.#observer.dropped();
      raw.destroy();
    } else raw.write(text);
  }
}

function encode({ event, data }: StreamEvent): string {
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
}
