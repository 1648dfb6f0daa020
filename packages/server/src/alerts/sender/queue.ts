import { Agent, request } from 'undici';
import type { Clock } from '../../kernel/clock.ts';
import { clientHeaders, type ReadText, tlsOptions } from '../../metrics/index.ts';
import type { AlertmanagerConfig } from './config.ts';
import type { SenderTelemetry } from './telemetry.ts';

/** An alert in the JSON of Alertmanager's API v2. */
export interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
}

export interface QueueDeps {
  readonly clock: Clock;
  readonly readText: ReadText;
  readonly telemetry: SenderTelemetry;
  readonly failed: (url: string, reason: string) => void;
}

/** Alerts that may wait for one Alertmanager; beyond that the oldest give way, as in Prometheus. */
const MOST_WAITING = 10_000;
/** Alerts of one request. */
const BATCH = 256;
/** What a stop waits for the alerts that still wait, in ms. */
const LAST_MS = 2_000;
/** An answer's text is for the log only. */
const MOST_TEXT = 300;

/**
 * Sends alerts to one Alertmanager, a batch at a time. What is not taken is not tried again: rules tell of an alert that fires every
 * minute, and of one that is over for fifteen.
 */
export class AlertmanagerQueue {
  readonly url: string;
  readonly #config: AlertmanagerConfig;
  readonly #deps: QueueDeps;
  readonly #agent: Agent;
  readonly #stopping = new AbortController();
  #waiting: PostedAlert[] = [];
  #sending: Promise<void> | null = null;

  /** Throws a system error when a TLS file cannot be read. */
  constructor(url: string, config: AlertmanagerConfig, deps: QueueDeps) {
    this.url = url;
    this.#config = config;
    this.#deps = deps;
    this.#agent = new Agent({
      connect: config.tls_config === undefined ? {} : tlsOptions(config.tls_config),
    });
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  push(alerts: readonly PostedAlert[]): void {
    const all = this.#waiting.concat(alerts);
    const excess = all.length - MOST_WAITING;
    if (excess > 0) this.#deps.telemetry.dropped(this.url, excess);
    this.#waiting = excess > 0 ? all.slice(excess) : all;
    this.#sending ??= this.#drain().finally(() => (this.#sending = null));
  }

  /** Sends what waits, for two seconds at most. */
  async stop(): Promise<void> {
    const timer = this.#deps.clock.after(LAST_MS, () => this.#stopping.abort());
    await this.#sending;
    timer.cancel();
    this.#stopping.abort();
    await this.#agent.destroy();
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#stopping.signal.aborted) {
      const batch = this.#waiting.slice(0, BATCH);
      this.#waiting = this.#waiting.slice(BATCH);
      await this.#send(batch);
    }
  }

  async #send(batch: readonly PostedAlert[]): Promise<void> {
    const { clock, telemetry, failed } = this.#deps;
    const begun = clock.monotonic();
    const reason = await this.#post(JSON.stringify(batch));
    telemetry.answered((clock.monotonic() - begun) / 1000);
    if (reason === undefined) {
      telemetry.sent(this.url, batch.length);
      return;
    }
    telemetry.failed(this.url, batch.length);
    failed(this.url, reason);
  }

  /** Why it was not taken, if so. */
  async #post(body: string): Promise<string | undefined> {
    const { clock, readText } = this.#deps;
    const { timeout } = this.#config;
    const deadline = new AbortController();
    const timer = clock.after(timeout, () => deadline.abort(new Error(`no answer within ${timeout} ms`)));
    try {
      const answer = await request(this.url, {
        dispatcher: this.#agent,
        method: 'POST',
        body,
        headers: {
          ...(await clientHeaders(this.#config, readText)),
          'content-type': 'application/json',
          'user-agent': 'Pharos',
        },
        signal: AbortSignal.any([this.#stopping.signal, deadline.signal]),
      });
      const text = await answer.body.text();
      if (answer.statusCode >= 200 && answer.statusCode < 300) return undefined;
      return `${answer.statusCode} ${text.trim().slice(0, MOST_TEXT)}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      timer.cancel();
    }
  }
}
