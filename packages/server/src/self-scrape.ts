import type { HttpFetcher } from './metrics/index.ts';

/**
 * Pharos watches itself as a scrape target like any other, but without the detour through a socket and its own login.
 */
export interface SelfTarget {
  /** The address requests to which are answered from inside; empty until the port is known. */
  url: string;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

export function answeringSelf(inner: HttpFetcher, self: SelfTarget): HttpFetcher {
  return {
    close: () => inner.close(),
    async fetch(request) {
      if (request.url !== self.url) return inner.fetch(request);
      const { contentType, text } = await self.metrics();
      const length = Buffer.byteLength(text);
      const bytes = request.buffers.take(length + 1);
      new TextEncoder().encodeInto(text, bytes);
      const headers = new Map([['content-type', contentType]]);
      return {
        status: 200,
        header: (name) => headers.get(name.toLowerCase()),
        bytes,
        length,
      };
    },
  };
}
