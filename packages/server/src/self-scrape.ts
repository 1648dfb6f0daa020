import type { HttpFetcher } from './metrics/index.ts';

/**
 * Pharos watches itself as a scrape target like any other, but without the detour through a socket and its own login.
 */
export interface SelfTarget {
  /** The address requests to which are answered from inside; empty until the port is known. */
  url: string;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

type Request = Parameters<HttpFetcher['fetch']>[0];

export function answeringSelf(inner: HttpFetcher, self: SelfTarget): HttpFetcher {
  return {
    close: () => inner.close(),
    // Without a promise of its own for every other target.
    fetch: (request) => (request.url === self.url ? answer(request, self) : inner.fetch(request)),
  };
}

async function answer({ buffers }: Request, self: SelfTarget): ReturnType<HttpFetcher['fetch']> {
  const { contentType, text } = await self.metrics();
  const length = Buffer.byteLength(text);
  const bytes = buffers.take(length + 1);
  new TextEncoder().encodeInto(text, bytes);
  const headers = new Map([['content-type', contentType]]);
  return {
    status: 200,
    header: (name) => headers.get(name.toLowerCase()),
    bytes,
    length,
  };
}
