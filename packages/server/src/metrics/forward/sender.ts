import { Agent, request } from 'undici';
import type { Clock } from '../../kernel/clock.ts';
import { jitter, type Random } from '../../kernel/random.ts';
import { clientHeaders, type ReadText } from '../http-client/headers.ts';
import { tlsOptions } from '../http-client/tls.ts';
import { isSecondVersion, type RemoteWriteConfig } from './config.ts';

/** What became of one request: taken, refused for good, or given up because the sender stops. */
export type Outcome =
  | { readonly kind: 'taken' }
  | {
      readonly kind: 'refused';
      readonly reason: string /** Samples it took nevertheless. */;
      readonly taken: number;
    }
  | { readonly kind: 'stopped' };

export interface SenderDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly readText: ReadText;
  readonly onRetry: (reason: string) => void;
}

/** An answer's text is for the log only. */
const MOST_TEXT = 1000;
/** A remote cannot make us wait longer than this by its Retry-After. */
const LONGEST_RETRY_AFTER_MS = 10 * 60_000;

const V2_TYPE = 'application/x-protobuf;proto=io.prometheus.write.v2.Request';

/** Samples and histograms that a remote says it wrote; null where it does not say. */
function writtenOf(headers: Readonly<Record<string, unknown>>): number | null {
  const counts = ['samples', 'histograms'].map(
    (kind) => headers[`x-prometheus-remote-write-${kind}-written`],
  );
  if (counts.every((count) => count === undefined)) return null;
  return counts.reduce<number>((sum, count) => sum + (Number(count ?? 0) || 0), 0);
}

/** Sends request bodies to one remote, and again until they are taken or refused for good (RW-1). */
export class Sender {
  readonly #config: RemoteWriteConfig;
  readonly #deps: SenderDeps;
  readonly #agent: Agent;

  constructor(config: RemoteWriteConfig, deps: SenderDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#agent = new Agent({
      connect: config.tls_config === undefined ? {} : tlsOptions(config.tls_config),
    });
  }

  /** Never rejects. */
  async send(body: Uint8Array, stop: AbortSignal): Promise<Outcome> {
    const { min_backoff: least, max_backoff: most } = this.#config.queue_config;
    for (let attempt = 0; !stop.aborted; attempt++) {
      const result = await this.#once(body, stop);
      if (result.kind !== 'again') return result;
      this.#deps.onRetry(result.reason);
      const pause = Math.min(most, least * 2 ** Math.min(attempt, 30));
      const wait = Math.max(result.afterMs, jitter(this.#deps.random, pause));
      await this.#deps.clock.sleep(wait, stop).catch(() => {});
    }
    return { kind: 'stopped' };
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #once(
    body: Uint8Array,
    stop: AbortSignal,
  ): Promise<Outcome | { readonly kind: 'again'; readonly reason: string; readonly afterMs: number }> {
    const { url, remote_timeout: timeout, headers, queue_config: queue } = this.#config;
    const second = isSecondVersion(this.#config);
    const deadline = new AbortController();
    const timer = this.#deps.clock.after(timeout, () =>
      deadline.abort(new Error(`no answer within ${timeout} ms`)),
    );
    try {
      const answer = await request(url, {
        dispatcher: this.#agent,
        method: 'POST',
        body,
        headers: {
          ...headers,
          ...(await clientHeaders(this.#config, this.#deps.readText)),
          'content-type': second ? V2_TYPE : 'application/x-protobuf',
          'content-encoding': 'snappy',
          'x-prometheus-remote-write-version': second ? '2.0.0' : '0.1.0',
          'user-agent': 'Pharos',
        },
        signal: AbortSignal.any([stop, deadline.signal]),
      });
      const text = (await answer.body.text()).trim().slice(0, MOST_TEXT);
      const { statusCode: status } = answer;
      const written = writtenOf(answer.headers);
      // One that does not know 2.0 may take the request for something else and say so by silence (RW-3).
      if (second && status >= 200 && status < 300 && written === null)
        return {
          kind: 'refused',
          reason: `${status} without counts of what was written: it does not know remote write 2.0`,
          taken: 0,
        };
      if (status >= 200 && status < 300) return { kind: 'taken' };
      const reason = `${status} ${text}`;
      if (status >= 500 || (status === 429 && queue.retry_on_http_429)) {
        const after = answer.headers['retry-after'];
        return { kind: 'again', reason, afterMs: this.#retryAfter(typeof after === 'string' ? after : '') };
      }
      return { kind: 'refused', reason, taken: written ?? 0 };
    } catch (error) {
      if (stop.aborted) return { kind: 'stopped' };
      return { kind: 'again', reason: error instanceof Error ? error.message : String(error), afterMs: 0 };
    } finally {
      timer.cancel();
    }
  }

  /** Seconds or an HTTP date (RFC 9110, 10.2.3), as ms from now. */
  #retryAfter(text: string): number {
    if (text === '') return 0;
    const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - this.#deps.clock.now();
    return Number.isFinite(ms) ? Math.min(LONGEST_RETRY_AFTER_MS, Math.max(0, ms)) : 0;
  }
}
