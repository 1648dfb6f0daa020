import type { HttpApp } from '../../http/types.ts';

/** Largest batch, after decompression. */
export const BATCH_LIMIT = 32 * 1024 * 1024;

/** Routes of this scope take any body as bytes, whatever its content type says. */
export function takeBytes(app: HttpApp): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

export function bytesOf(body: unknown): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array(0);
}
