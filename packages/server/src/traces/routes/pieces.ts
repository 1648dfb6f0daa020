import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** Text sent at once. */
const CHUNK = 64 * 1024;

/** Answers pieces of JSON as a stream that lets other work run between chunks: an answer may be a trace of a hundred thousand spans. */
export function sendPieces(
  reply: FastifyReply,
  pieces: Iterable<string>,
  breathe: () => Promise<void>,
): FastifyReply {
  return reply
    .type('application/json; charset=utf-8')
    .send(Readable.from(chunks(pieces, breathe), { objectMode: false }));
}

async function* chunks(pieces: Iterable<string>, breathe: () => Promise<void>): AsyncGenerator<string> {
  let chunk = '';
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
    await breathe();
  }
  if (chunk !== '') yield chunk;
}
