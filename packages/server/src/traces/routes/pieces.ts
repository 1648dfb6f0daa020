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

/**
 * Says in the header `Warning` (RFC 7234 §5.5, code 199) what an answer lacks whose shape has no place for it. Obsolete since RFC 9111
 * for want of readers, and without a successor.
 */
export function warned(reply: FastifyReply, warnings: readonly string[]): FastifyReply {
  if (warnings.length === 0) return reply;
  const texts = warnings.map((text) => text.replace(/[^ -~]/g, '?').replace(/["\\]/g, '\\$&'));
  return reply.header('warning', texts.map((text) => `199 pharos "${text}"`).join(', '));
}
