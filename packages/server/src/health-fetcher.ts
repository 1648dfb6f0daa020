import { type Egress, egressRequest } from './egress/index.ts';
import type { HealthFetcher } from './health/index.ts';

/** The way out for `/health` polls: redirects are not followed, an answer that is too large is none. */
export function createHealthFetcher(egress: Egress): HealthFetcher {
  return async (url, { timeoutMs, maxBytes }) => {
    const answer = await egressRequest(egress, {
      url,
      trust: 'configured',
      purpose: 'health',
      timeoutMs,
      maxBytes,
      headers: { accept: 'application/json' },
    });
    if (answer.truncated) throw new Error(`the answer is larger than ${maxBytes} bytes`);
    return { status: answer.status, body: answer.body.toString('utf8') };
  };
}
