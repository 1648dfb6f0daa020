import { createHmac } from 'node:crypto';
import type { Counter } from 'prom-client';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { jitter, type Random } from '../../kernel/random.ts';
import type { Service } from '../../kernel/services.ts';
import type { WebhookConfig } from '../config.ts';
import { entryText } from '../routes/texts.ts';
import { type EventChunk, readEvent, statusAt } from '../store/chunk.ts';

/** One attempt to deliver: the answer's status. Rejects when there is none in time. */
export type PostHook = (request: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  /** Ends it early. */
  readonly signal: AbortSignal;
}) => Promise<number>;

export interface WebhooksDeps {
  readonly hooks: readonly WebhookConfig[];
  readonly post: PostHook;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Labels: result. */
  readonly counted: Counter;
}

/** Events of one delivery. */
const MOST_TOGETHER = 100;
/** Events that wait for one hook; beyond, the oldest are dropped. */
const MOST_WAITING = 1000;
const FIRST_DELAY_MS = 500;
const MOST_DELAY_MS = 30_000;

interface Queue {
  readonly hook: WebhookConfig;
  /** Log entries as JSON. */
  waiting: string[];
  sending: boolean;
}

/** Tells webhooks of critical events: many in one delivery, signed, tried again when it may help, bounded in memory. */
export class Webhooks implements Service {
  readonly name = 'event-webhooks';
  readonly #deps: WebhooksDeps;
  readonly #queues: readonly Queue[];
  readonly #stopped = new AbortController();

  constructor(deps: WebhooksDeps) {
    this.#deps = deps;
    this.#queues = deps.hooks.map((hook) => ({ hook, waiting: [], sending: false }));
  }

  get waiting(): number {
    return this.#queues.reduce((sum, { waiting }) => sum + waiting.length, 0);
  }

  /** Takes the critical ones of events that became durable. */
  observe(chunk: EventChunk): void {
    if (this.#queues.length === 0 || this.#stopped.signal.aborted) return;
    for (let row = 0; row < chunk.rows; row++) {
      if (statusAt(chunk, row) !== 'CRITICAL') continue;
      const text = entryText(readEvent(chunk, row));
      for (const queue of this.#queues) this.#add(queue, text);
    }
    for (const queue of this.#queues) if (!queue.sending && queue.waiting.length > 0) void this.#drain(queue);
  }

  stop(): void {
    this.#stopped.abort();
  }

  #add(queue: Queue, text: string): void {
    queue.waiting.push(text);
    if (queue.waiting.length <= MOST_WAITING) return;
    queue.waiting.shift();
    this.#deps.counted.inc({ result: 'dropped' });
  }

  async #drain(queue: Queue): Promise<void> {
    queue.sending = true;
    // Those that come in the same moment go along.
    await Promise.resolve();
    while (queue.waiting.length > 0 && !this.#stopped.signal.aborted) {
      const events = queue.waiting.splice(0, MOST_TOGETHER);
      const delivered = await this.#withRetries(
        queue.hook,
        `{"version":1,"type":"events.critical","events":[${events.join()}]}`,
      );
      this.#deps.counted.inc({ result: delivered ? 'delivered' : 'failed' }, events.length);
    }
    queue.sending = false;
  }

  /** True when it was taken. What cannot pass (4xx) is not tried again. */
  async #withRetries(hook: WebhookConfig, body: string): Promise<boolean> {
    const { clock, random, log } = this.#deps;
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#attempt(hook, body);
      if (outcome.ok) return true;
      const host = new URL(hook.url).host;
      if (!outcome.retryable || attempt >= hook.retries || this.#stopped.signal.aborted) {
        log.warn(
          { host, reason: outcome.reason, attempts: attempt + 1 },
          'a webhook did not take critical events',
        );
        return false;
      }
      const delay = jitter(random, Math.min(MOST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt), 0.2);
      await clock.sleep(delay, this.#stopped.signal).catch(() => {});
    }
  }

  async #attempt(
    hook: WebhookConfig,
    body: string,
  ): Promise<
    { readonly ok: true } | { readonly ok: false; readonly retryable: boolean; readonly reason: string }
  > {
    const seconds = Math.floor(this.#deps.clock.now() / 1000);
    try {
      const status = await this.#deps.post({
        url: hook.url,
        headers: {
          ...hook.headers,
          'content-type': 'application/json',
          ...(hook.secret !== undefined && { 'x-pharos-signature': signatureOf(hook.secret, seconds, body) }),
        },
        body,
        timeoutMs: hook.timeout,
        signal: this.#stopped.signal,
      });
      if (status >= 200 && status < 300) return { ok: true };
      const retryable = status >= 500 || status === 429 || status === 408;
      return { ok: false, retryable, reason: `it answered ${status}` };
    } catch (error) {
      return { ok: false, retryable: true, reason: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** `t=<epoch seconds>,v1=<hex>`: HMAC-SHA-256 of `<t>.<body>`, so that an old delivery cannot be sent again. */
export function signatureOf(secret: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}
