import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** Characters gathered before they are handed to the socket: about a millisecond of work. */
const PIECE = 256 * 1024;
/** Answers up to this size are written at once, with their length: a few milliseconds of work, and no stream. */
const MOST_AT_ONCE = 1024 * 1024;
/** Pieces of JSON; the writer yields, so that a large answer never exists as one object or string. */
export type JsonPieces = Iterable<string | Buffer>;

/** Sends what small pieces add up to: at once with its length, or as a stream between whose pieces others run. */
export function sendPieces(reply: FastifyReply, all: JsonPieces): FastifyReply {
  const pieces = all[Symbol.iterator]();
  // Most answers are small: one write with a length costs a fraction of a stream.
  const first = new Gathered();
  while (first.size < MOST_AT_ONCE) {
    const next = pieces.next();
    if (next.done === true) return reply.send(first.take());
    first.add(next.value);
  }
  return reply.send(Readable.from(gathered(first.take(), pieces), { objectMode: false }));
}

/** Pieces joined: text stays text until bytes come along. */
class Gathered {
  size = 0;
  #text = '';
  #buffers: Buffer[] = [];

  add(piece: string | Buffer): void {
    this.size += piece.length;
    if (typeof piece === 'string') this.#text += piece;
    else {
      if (this.#text !== '') this.#buffers.push(Buffer.from(this.#text));
      this.#text = '';
      this.#buffers.push(piece);
    }
  }

  take(): string | Buffer {
    const [text, buffers] = [this.#text, this.#buffers];
    this.size = 0;
    this.#text = '';
    if (buffers.length === 0) return text;
    this.#buffers = [];
    if (text !== '') buffers.push(Buffer.from(text));
    return buffers.length === 1 && buffers[0] !== undefined ? buffers[0] : Buffer.concat(buffers);
  }
}

/** Joins small pieces; the pauses between yields let other requests run. */
async function* gathered(
  first: string | Buffer,
  pieces: Iterator<string | Buffer>,
): AsyncGenerator<string | Buffer> {
  yield first;
  const some = new Gathered();
  for (let next = pieces.next(); next.done !== true; next = pieces.next()) {
    some.add(next.value);
    if (some.size < PIECE) continue;
    yield some.take();
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (some.size > 0) yield some.take();
}
