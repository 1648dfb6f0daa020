import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { httpErrors } from './errors.ts';
import type { HttpApp } from './types.ts';

export interface BodyLimits {
  /** Largest body after decompression, bytes; a route may set its own `bodyLimit`. */
  readonly perBody: number;
  /** Largest sum of bodies (as they are after decompression) that requests under way hold, bytes. */
  readonly inFlight: number;
}

/** A body that says it is no longer than this is held in full from the start, and read without a stream of ours in between. */
const SMALL_BODY = 64 * 1024;

/**
 * Request bodies: `Content-Encoding` gzip, deflate and br are undone under a ceiling per body and one for all bodies in flight; an
 * empty body is legal under any content type (X-3); a form stays the text it was, for URLSearchParams (X-4).
 */
export function installBodies(app: HttpApp, limits: BodyLimits): void {
  let inFlight = 0;
  app.addHook('preParsing', async (request, reply, payload) => {
    // Gone during its login: what is held is given back when the answer closes, which it has.
    if (reply.raw.destroyed) throw httpErrors.make('invalid', 'the client left before its body was read');
    const encoding = (request.headers['content-encoding'] ?? '').trim().toLowerCase();
    const decoder = decoderFor(encoding);
    if (decoder === null && !PASSED_ON.has(encoding)) {
      throw httpErrors.make(
        'unsupportedMedia',
        `Content-Encoding "${encoding.slice(0, 50)}" is not understood; expected gzip, deflate, br or none`,
      );
    }
    const declared = Number(request.headers['content-length'] ?? 0);
    if (decoder === null && declared === 0 && request.headers['transfer-encoding'] === undefined)
      return payload;
    // A body that could never be held is too large; one that cannot be held now is told to come back.
    const limit = Math.min(Math.max(request.routeOptions.bodyLimit ?? 0, limits.perBody), limits.inFlight);
    // What is declared is what comes: Node's parser takes no byte more.
    const isSmall = decoder === null && declared > 0 && declared <= Math.min(SMALL_BODY, limit);
    if (isSmall && request.headers['transfer-encoding'] === undefined) {
      if (inFlight + declared > limits.inFlight) throw tooMany();
      inFlight += declared;
      reply.raw.once('close', () => {
        inFlight -= declared;
      });
      return payload;
    }
    let held = 0;
    const meter = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        held += chunk.length;
        inFlight += chunk.length;
        if (held > limit) done(httpErrors.make('tooLarge', tooLarge(limit, encoding)));
        else if (inFlight > limits.inFlight) done(tooMany());
        else done(null, chunk);
      },
    });
    reply.raw.once('close', () => {
      inFlight -= held;
    });
    return decode(payload as Readable, decoder, meter, encoding); // oxlint-disable-line typescript/no-unsafe-type-assertion -- Fastify types the payload by its own stream alias
  });
  app.addHook('onResponse', (request, _reply, done) => {
    readAway(request.raw);
    done();
  });
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, body),
  );
  app.removeContentTypeParser('application/json');
  const strictJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else void strictJson(request, String(body), done);
  });
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

/** So much of a body that was refused is read away; who sends more loses the connection. */
const MOST_READ_AWAY = 1024 * 1024;

/**
 * Reads what is left of a body that was answered before its end: the next request on the connection stands behind it. Node does so only
 * where nobody began to read, and what waits for a pipe would wait for ever.
 */
function readAway(request: IncomingMessage): void {
  if (request.readableEnded || request.destroyed) return;
  let left = 0;
  request.unpipe();
  request.on('data', (chunk: Buffer) => {
    left += chunk.length;
    if (left > MOST_READ_AWAY) request.destroy();
  });
  request.resume();
}

/** Encodings that are no business of this layer: none, and those that a route undoes itself. */
const PASSED_ON: ReadonlySet<string> = new Set(['', 'identity', 'snappy']);

function tooMany(): Error {
  return httpErrors.make('busy', 'too many request bodies are held at this moment', { retryAfterSeconds: 1 });
}

function tooLarge(limit: number, encoding: string): string {
  return `the body is larger than ${limit} bytes${encoding === '' ? '' : ` after ${encoding} decompression`}`;
}

function decoderFor(encoding: string): Transform | null {
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip();
  if (encoding === 'deflate') return createInflate();
  if (encoding === 'br') return createBrotliDecompress();
  return null;
}

/** Errors of any part end the whole chain with one clear error. */
function decode(payload: Readable, decoder: Transform | null, meter: Transform, encoding: string): Readable {
  payload.on('error', (error) => meter.destroy(error));
  decoder?.on('error', (cause) => {
    meter.destroy(httpErrors.make('invalid', `the body is not valid ${encoding}`, { cause }));
  });
  meter.on('error', () => {
    payload.unpipe();
    decoder?.destroy();
  });
  let encodedBytes = 0;
  payload.on('data', (chunk: Buffer) => {
    encodedBytes += chunk.length;
  });
  (decoder === null ? payload : payload.pipe(decoder)).pipe(meter);
  // Fastify compares this with Content-Length, which counts compressed bytes.
  return Object.defineProperty(meter, 'receivedEncodedLength', { get: () => encodedBytes });
}
