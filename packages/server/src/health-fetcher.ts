import { Agent, request } from 'undici';
import type { HealthFetcher } from './health/index.ts';

/** The way out for `/health` polls: connections are kept, redirects are not followed, large answers are cut off. */
export function createHealthFetcher(): HealthFetcher {
  const agent = new Agent({ keepAliveTimeout: 30_000, connections: 2 });
  return async (url, { timeoutMs, maxBytes }) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await request(url, {
      dispatcher: agent,
      signal,
      headers: { accept: 'application/json', 'user-agent': 'Pharos' },
    });
    let body = '';
    const decoder = new TextDecoder();
    const chunks: AsyncIterable<unknown> = answer.body;
    for await (const chunk of chunks) {
      if (!(chunk instanceof Uint8Array)) continue;
      body += decoder.decode(chunk, { stream: true });
      if (body.length > maxBytes) {
        answer.body.destroy();
        throw new Error(`the answer is larger than ${maxBytes} bytes`);
      }
    }
    return { status: answer.statusCode, body };
  };
}
