import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { type Authenticator, admit } from './admit.ts';
import { httpErrors } from './errors.ts';
import type { GatePolicy } from './gate.ts';
import {
  ACCEPTED_ENCODINGS,
  encodeGrpcMessage,
  type Hold,
  readMessage,
  timeoutMs,
  tooLarge,
  writeMessage,
} from './grpc-messages.ts';
import { GRPC_STATUS, grpcStatusOf } from './grpc-status.ts';
import { toPharosError } from './render.ts';
import type { HttpTelemetry } from './telemetry.ts';

/** One unary method: a request message to a response message, for a tenant. Throws PharosErrors. */
export type GrpcMethod = (call: {
  readonly tenant: string;
  readonly message: Uint8Array;
}) => Promise<Uint8Array>;

/** Methods by path, `/package.Service/Method`. */
export type GrpcMethods = ReadonlyMap<string, GrpcMethod>;

export interface GrpcOptions {
  readonly policy: GatePolicy;
  readonly authenticator: Authenticator;
  readonly metrics: HttpTelemetry;
  readonly log: Log;
  readonly clock: Clock;
  readonly methods: GrpcMethods;
  /** Largest message after decompression, bytes. */
  readonly maxMessage: number;
  /** Largest sum of messages that calls under way hold, bytes. */
  readonly maxInFlight: number;
  readonly tls?: SecureServerOptions | undefined;
}

/** Calls at once on one connection, and bytes a caller may send ahead: the defaults would allow 4 GiB. */
const SETTINGS = { maxConcurrentStreams: 128, initialWindowSize: 2 ** 20 };
/** A connection without calls is closed after this; exporters open a new one by themselves. */
const IDLE_MS = 10 * 60_000;
const HEALTH_CHECK = '/grpc.health.v1.Health/Check';
/** grpc.health.v1.HealthCheckResponse {status 1: SERVING}. */
const SERVING = Uint8Array.of(0x08, 0x01);

/**
 * gRPC over HTTP/2, plain (h2c, by prior knowledge) or TLS: unary calls alone, behind the same gate as HTTP. Source: "gRPC over
 * HTTP2" (PROTOCOL-HTTP2.md of grpc).
 */
export class GrpcServer {
  readonly server: Http2Server;
  readonly #options: GrpcOptions;
  readonly #sessions = new Set<ServerHttp2Session>();
  #held = 0;

  constructor(options: GrpcOptions) {
    this.#options = options;
    this.server =
      options.tls === undefined
        ? createServer({ settings: SETTINGS })
        : createSecureServer({ ...options.tls, settings: SETTINGS, allowHTTP1: false });
    this.server.on('session', (session) => {
      this.#sessions.add(session);
      session.once('close', () => this.#sessions.delete(session));
      session.on('error', () => session.destroy());
      session.setTimeout(IDLE_MS, () => session.close());
    });
    this.server.on('stream', (stream, headers) => void this.#serve(stream, headers));
    // Whoever speaks no HTTP/2 is not answered: there is nothing it could read.
    this.server.on('sessionError', () => {});
  }

  /** Stops accepting and lets running calls end; what is left after `drainMs` is cut off. */
  async close(drainMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    const timer = this.#options.clock.after(drainMs, () => {
      for (const session of this.#sessions) session.destroy();
    });
    await closed;
    timer.cancel();
  }

  async #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    stream.on('error', () => stream.destroy());
    const type = String(headers['content-type'] ?? '');
    if (headers[':method'] !== 'POST' || !type.startsWith('application/grpc')) {
      stream.respond({ ':status': headers[':method'] === 'POST' ? 415 : 405 }, { endStream: true });
      return;
    }
    const path = String(headers[':path'] ?? '');
    const { clock, methods, metrics, log } = this.#options;
    const began = clock.monotonic();
    const timeout = timeoutMs(headers['grpc-timeout']);
    const timer =
      timeout === undefined
        ? undefined
        : clock.after(timeout, () =>
            refuse(stream, GRPC_STATUS.deadlineExceeded, 'the call took longer than its grpc-timeout'),
          );
    const route = methods.has(path) || path === HEALTH_CHECK ? path : 'unmatched';
    let status: number = GRPC_STATUS.ok;
    try {
      respond(stream, await this.#call(stream, path, headers));
    } catch (thrown) {
      const error = toPharosError(thrown);
      if (error.kind === 'internal')
        log.error({ err: error.cause ?? error, route }, 'a gRPC call failed inside');
      status = grpcStatusOf(error);
      refuse(stream, status, error.message);
    } finally {
      timer?.cancel();
    }
    metrics.requests.inc({ route, method: 'gRPC', code: String(status) });
    metrics.duration.observe({ route }, (clock.monotonic() - began) / 1000);
  }

  async #call(stream: ServerHttp2Stream, path: string, headers: IncomingHttpHeaders): Promise<Uint8Array> {
    const { methods, maxMessage } = this.#options;
    const { tenant } = await admit(
      { method: 'POST', headers: { ...headers, host: headers[':authority'] ?? headers['host'] } },
      this.#options,
    );
    const method = path === HEALTH_CHECK ? () => Promise.resolve(SERVING) : methods.get(path);
    if (method === undefined)
      throw httpErrors.make('methodNotAllowed', `nothing answers the method ${path.slice(0, 200)}`);
    const encoding = String(headers['grpc-encoding'] ?? 'identity');
    let held = 0;
    const hold: Hold = (bytes) => {
      held += bytes;
      this.#held += bytes;
      return this.#held > this.#options.maxInFlight
        ? httpErrors.make('busy', 'too many request bodies are held at this moment', { retryAfterSeconds: 1 })
        : null;
    };
    try {
      const body = await readBody(stream, maxMessage, hold);
      const message = await readMessage(body, encoding, maxMessage, hold);
      return await method({ tenant, message });
    } finally {
      this.#held -= held;
    }
  }
}

/** Prefix of the message, so that one of exactly the limit still fits. */
const MESSAGE_OVERHEAD = 5;

function readBody(stream: ServerHttp2Stream, limit: number, hold: Hold): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      const refused = bytes > limit + MESSAGE_OVERHEAD ? tooLarge(bytes, limit) : hold(chunk.length);
      if (refused === null) chunks.push(chunk);
      else {
        stream.removeAllListeners('data');
        stream.resume();
        reject(refused);
      }
    });
    stream.once('end', () => resolve(Buffer.concat(chunks)));
    const brokenOff = (): void => reject(httpErrors.make('invalid', 'gRPC: the call was broken off'));
    // Gone during its login: no event tells of it any more.
    if (stream.destroyed) brokenOff();
    else stream.once('close', brokenOff);
  });
}

function respond(stream: ServerHttp2Stream, message: Uint8Array): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-encoding': 'identity',
      'grpc-accept-encoding': ACCEPTED_ENCODINGS,
    },
    { waitForTrailers: true },
  );
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(GRPC_STATUS.ok) }));
  stream.end(writeMessage(message));
}

/** An answer of trailers alone. */
function refuse(stream: ServerHttp2Stream, status: number, message: string): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-accept-encoding': ACCEPTED_ENCODINGS,
      'grpc-status': String(status),
      'grpc-message': encodeGrpcMessage(message),
    },
    { endStream: true },
  );
}
