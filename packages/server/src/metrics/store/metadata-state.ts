import { z } from 'zod';
import type { StateKind, StateStore } from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { MetricMetadata } from '../sink.ts';
import type { MetadataStore } from './metadata.ts';

const descriptions = z.array(
  z.object({
    type: z.enum([
      'counter',
      'gauge',
      'histogram',
      'gaugehistogram',
      'summary',
      'info',
      'stateset',
      'unknown',
    ]),
    help: z.string(),
    unit: z.string(),
  }),
);

export const metadataKind: StateKind<MetricMetadata[]> = {
  name: 'metrics.metadata',
  version: 1,
  schema: descriptions,
};

/** New families come in bursts (a target's first scrape); one write takes a whole burst. */
const WRITE_EVERY_MS = 10_000;
const PER_WRITE = 1_000;

/** Keeps the descriptions of metric families over restarts. Losing the last seconds is harmless: the next scrape tells them again. */
export class MetadataState {
  readonly #metadata: MetadataStore;
  readonly #state: StateStore;
  readonly #log: Log;
  readonly #changed = new Map<string, { readonly tenant: string; readonly metric: string }>();
  #timer: Timer | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(metadata: MetadataStore, state: StateStore, log: Log) {
    this.#metadata = metadata;
    this.#state = state;
    this.#log = log;
  }

  start(clock: Clock): void {
    for (const tenant of this.#state.tenants(metadataKind))
      for (const { key, value } of this.#state.list(metadataKind, tenant)) this.#load(tenant, key, value);
    this.#unsubscribe = this.#metadata.onRecorded((tenant, metric) => {
      this.#changed.set(`${tenant}\u0000${metric}`, { tenant, metric });
    });
    this.#timer = clock.every(WRITE_EVERY_MS, () => void this.flush());
  }

  /** What was written before there were limits, or under wider ones, is written anew as it is kept now, so that its room is free. */
  #load(tenant: string, metric: string, value: readonly MetricMetadata[]): void {
    for (const one of value.toReversed()) this.#metadata.record(tenant, metric, one);
    const kept = this.#metadata.families(tenant).get(metric) ?? [];
    if (kept.length === value.length && kept.every((one, i) => one.help.length === value[i].help.length))
      return;
    this.#changed.set(`${tenant}\u0000${metric}`, { tenant, metric });
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#unsubscribe?.();
    await this.flush();
  }

  /** Writes what is new. A write that fails is tried again with the next ones. */
  async flush(): Promise<void> {
    const batch = [...this.#changed.entries()].slice(0, PER_WRITE);
    if (batch.length === 0) return;
    for (const [id] of batch) this.#changed.delete(id);
    try {
      await this.#state.write(
        batch.map(([, { tenant, metric }]) => {
          const kept = this.#metadata.families(tenant).get(metric);
          return {
            kind: metadataKind,
            tenant,
            key: metric,
            value: kept === undefined ? undefined : [...kept],
          };
        }),
      );
    } catch (error) {
      for (const [id, one] of batch) this.#changed.set(id, one);
      this.#log.warn({ err: error, families: batch.length }, 'metric descriptions could not be kept');
    }
  }
}
