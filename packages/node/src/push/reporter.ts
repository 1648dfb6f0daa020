import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Registry } from 'prom-client';
import type { Timer } from '../clock.ts';
import type { ContextStore } from '../context/context.ts';
import type { ServiceHealth } from '../health/service-health.ts';
import type { Logger } from '../logs/logger.ts';
import type { PushSettings, Settings } from '../options.ts';
import { DeliveryQueue } from './queue.ts';

const compress = promisify(gzip);

export interface ReporterDeps {
  readonly settings: Settings;
  readonly push: PushSettings;
  readonly registry: Registry;
  readonly states: ServiceHealth;
  readonly logger: Logger;
  readonly contexts: ContextStore;
}

/** Pushes metrics and health to Pharos on timers of their own. Whatever Pharos does, nothing comes back into the host. */
export class Reporter {
  readonly #deps: ReporterDeps;
  readonly #metrics: DeliveryQueue;
  readonly #health: DeliveryQueue;
  readonly #timers: Timer[];
  #collecting = false;
  #healthTimer: Timer | null = null;
  #stopped = false;

  constructor(deps: ReporterDeps) {
    this.#deps = deps;
    const { push, settings, logger, contexts } = deps;
    const { clock, random } = settings;
    const queue = (purpose: string, maxBytes: number): DeliveryQueue =>
      new DeliveryQueue({ purpose, maxBytes, push, clock, random, logger, contexts });
    this.#metrics = queue('metrics', push.maxBufferBytes);
    this.#health = queue('health', 64 * 1024);
    this.#timers = [
      clock.every(push.intervalMs, () => void this.#pushMetrics()),
      clock.every(push.healthIntervalMs, () => void this.#pushHealth()),
    ];
    this.healthChanged();
  }

  /** A change is sent at once, all changes of one moment together. */
  healthChanged(): void {
    if (this.#stopped) return;
    this.#healthTimer ??= this.#deps.settings.clock.after(0, () => {
      this.#healthTimer = null;
      void this.#pushHealth();
    });
  }

  /** Sends the last values, waits for what is on its way at most `deadlineMs`, then ends. */
  async stop(deadlineMs: number): Promise<void> {
    if (this.#stopped) return;
    for (const timer of this.#timers) timer.cancel();
    this.#healthTimer?.cancel();
    await this.#pushMetrics();
    this.#stopped = true;
    await Promise.all([this.#metrics.stop(deadlineMs), this.#health.stop(deadlineMs)]);
  }

  async #pushMetrics(): Promise<void> {
    const { enabled, push: pushed } = this.#deps.settings.metrics;
    if (this.#collecting || this.#stopped || !enabled || !pushed) return;
    this.#collecting = true;
    try {
      const { settings, push, registry } = this.#deps;
      const at = settings.clock.now();
      const text = await registry.metrics();
      const body = await compress(withTimestamps(text, at));
      const { service, instance } = settings;
      this.#metrics.add({
        url: `${push.url}/metrics/job/${encodeURIComponent(service)}/instance/${encodeURIComponent(instance)}`,
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'content-encoding': 'gzip' },
        body,
      });
    } catch (error) {
      this.#deps.logger.warn('metrics could not be collected for pushing', { error });
    } finally {
      this.#collecting = false;
    }
  }

  async #pushHealth(): Promise<void> {
    if (this.#stopped || !this.#deps.settings.health.push) return;
    try {
      for (const [service, status] of await this.#deps.states.current()) {
        if (status === 'unknown') continue;
        const url = `${this.#deps.push.url}/api/health/${encodeURIComponent(service)}`;
        const body = Buffer.from(JSON.stringify({ status }));
        this.#health.replace({ url, headers: { 'content-type': 'application/json' }, body });
      }
    } catch (error) {
      this.#deps.logger.warn('health could not be collected for pushing', { error });
    }
  }
}

/** Each sample carries the time it was true, so that one delivered late lands where it belongs. */
export function withTimestamps(text: string, at: number): string {
  return text.replace(/^(?!#).+$/gm, (line) => `${line} ${at}`);
}
