import { connect as connectPlain, isIP, type OnReadOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { CancelSignal } from './cancellation.ts';
import { ResponseParser, type ResponseSink } from './response_parser.ts';

/** An idle connection outlives the usual intervals; targets that close earlier say so in `Keep-Alive`. */
const KEEP_ALIVE_MS = 120_000;
/** A connection is given up this long before the target would, so that no request crosses its end. */
const KEEP_ALIVE_MARGIN_MS = 1000;

/** Every read of every connection lands here and is consumed before the next one. */
const SCRATCH = Buffer.allocUnsafeSlow(64 * 1024);

export interface Origin {
  readonly secure: boolean;
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** All of it in one text. */
  readonly key: string;
}

export interface ConnectionOwner {
  readonly tls: ConnectionOptions;
  /** TLS sessions by origin, so that a new connection need not shake hands in full. */
  session(origin: Origin): Buffer | undefined;
  keepSession(origin: Origin, session: Buffer): void;
  /** The connection cannot be used any more. */
  closed(connection: Connection): void;
}

interface Exchange {
  readonly parser: ResponseParser;
  readonly signal: CancelSignal;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** The connection failed before the first byte of an answer came: on one that had been idle the request may be repeated. */
export class NoAnswer extends Error {}

/**
 * One connection to one origin, one exchange at a time. Bytes go from the socket's one buffer straight to the parser: no
 * stream, no buffer per read.
 */
export class Connection {
  readonly origin: Origin;
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  #exchange: Exchange | null = null;
  readonly #abort = (): void => this.#fail(this.#exchange?.signal.reason);
  #answered = false;
  #failure: Error | null = null;
  #open = true;
  #idleMs = KEEP_ALIVE_MS;

  constructor(origin: Origin, owner: ConnectionOwner) {
    this.origin = origin;
    this.#owner = owner;
    this.#socket = this.#connect();
    this.#socket.setTimeout(KEEP_ALIVE_MS, () => {
      // A request under way has its own deadline.
      if (this.#exchange === null) this.destroy();
    });
    this.#socket.on('error', (error) => {
      this.#failure = error;
    });
    this.#socket.on('end', () => this.#ended());
    this.#socket.on('close', () => this.#closed());
  }

  /** Whether an exchange may begin. */
  get usable(): boolean {
    return this.#open && this.#exchange === null;
  }

  /**
   * Sends a request and reads its answer into the sink. Rejects with the signal's reason, with what the sink threw, with
   * NoAnswer, or with an Error that says what broke; the connection is then gone.
   */
  exchange(request: string, sink: ResponseSink, signal: CancelSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) throw signal.reason;
      signal.addEventListener('abort', this.#abort);
      this.#answered = false;
      this.#exchange = { parser: new ResponseParser(sink), signal, resolve, reject };
      this.#socket.write(request, 'latin1');
    });
  }

  /** How long the target keeps it open while idle. */
  keepAlive(seconds: number): void {
    const idleMs = Math.max(0, Math.min(KEEP_ALIVE_MS, seconds * 1000 - KEEP_ALIVE_MARGIN_MS));
    if (idleMs === this.#idleMs) return;
    this.#idleMs = idleMs;
    if (idleMs === 0) this.destroy();
    else this.#socket.setTimeout(idleMs);
  }

  destroy(): void {
    this.#open = false;
    this.#socket.destroy();
  }

  #connect(): Socket {
    const { secure, host, port } = this.origin;
    const onread: OnReadOpts = { buffer: SCRATCH, callback: (length) => this.#read(length) };
    if (!secure) return connectPlain({ host, port, noDelay: true, onread });
    const session = this.#owner.session(this.origin);
    const options: ConnectionOptions & { readonly onread: OnReadOpts } = {
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...this.#owner.tls,
      ...(session === undefined ? {} : { session }),
      host,
      port,
      ALPNProtocols: ['http/1.1'],
      onread,
    };
    const socket = connectTls(options);
    socket.setNoDelay(true);
    socket.on('session', (fresh) => this.#owner.keepSession(this.origin, fresh));
    return socket;
  }

  #read(length: number): boolean {
    const exchange = this.#exchange;
    if (exchange === null) {
      // An answer nobody asked for.
      this.destroy();
      return true;
    }
    this.#answered = true;
    try {
      const used = exchange.parser.push(SCRATCH, length);
      if (exchange.parser.done) this.#finish(exchange, used === length);
    } catch (error) {
      this.#fail(error);
    }
    return true;
  }

  #finish(exchange: Exchange, clean: boolean): void {
    this.#exchange = null;
    exchange.signal.removeEventListener('abort', this.#abort);
    if (!clean || !exchange.parser.reusable) this.destroy();
    exchange.resolve();
  }

  #ended(): void {
    const exchange = this.#exchange;
    this.#open = false;
    if (exchange === null || !this.#answered) return;
    try {
      exchange.parser.end();
      this.#finish(exchange, false);
    } catch (error) {
      this.#fail(error);
    }
  }

  #closed(): void {
    this.#open = false;
    const cause = this.#failure;
    const message = cause === null ? 'the other side closed the connection' : cause.message;
    this.#fail(
      this.#answered ? (cause ?? new Error(message)) : new NoAnswer(message, cause === null ? {} : { cause }),
    );
    this.#owner.closed(this);
  }

  #fail(reason: unknown): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    exchange?.signal.removeEventListener('abort', this.#abort);
    this.destroy();
    exchange?.reject(reason);
  }
}
