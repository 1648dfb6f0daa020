import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** Text sent at once. */
const CHUNK = 64 * 1024;

/**
 * Answers pieces of JSON: at once what is one chunk, as most traces are, and anything longer as a stream that lets other work run between
 * chunks: an answer may be a trace of a hundred thousand spans.
 */
export function sendPieces(
  reply: FastifyReply,
  pieces: Iterable<string>,
  breathe: () => Promise<void>,
): FastifyReply {
  const left = pieces[Symbol.iterator]();
  const { text, isLast } = chunkOf(left);
  const json = reply.type('application/json; charset=utf-8');
  return json.send(isLast ? text : Readable.from(chunks(text, left, breathe), { objectMode: false }));
}

/** The next pieces, as many as make a chunk. */
function chunkOf(pieces: Iterator<string>): { readonly text: string; readonly isLast: boolean } {
  let text = '';
  while (text.length < CHUNK) {
    const next = pieces.next();
    if (next.done === true) return { text, isLast: true };
    text += next.value;
  }
  return { text, isLast: false };
}

async function* chunks(
  first: string,
  pieces: Iterator<string>,
  breathe: () => Promise<void>,
): AsyncGenerator<string> {
  yield first;
  for (;;) {
    await breathe();
    const { text, isLast } = chunkOf(pieces);
    if (text !== '') yield text;
    if (isLast) return;
  }
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
