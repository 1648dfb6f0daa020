import { Readable } from 'node:stream';

/** Text sent at once. */
const CHUNK = 64 * 1024;

/** Pieces of text as a stream that lets other work run between chunks: an answer may be a trace of a hundred thousand spans. */
export function streamOf(pieces: Iterable<string>, breathe: () => Promise<void>): Readable {
  return Readable.from(chunks(pieces, breathe), { objectMode: false });
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
