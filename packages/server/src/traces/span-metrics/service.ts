import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Service } from '../../kernel/services.ts';
import type { Telemetry } from '../../kernel/telemetry.ts';
import type { SpanChunk } from '../store/chunk.ts';
import type { MinuteCalls } from '../topology/index.ts';
import { EdgeCounts } from './edges.ts';
import { SpanCounts } from './spans.ts';
import { type MeasuredWriter, measuredWriter, type SeriesWriter } from './write.ts';

export interface SpanMetricsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly writer: SeriesWriter;
  /** Combinations of a service's names, kinds and statuses that are counted apart. */
  readonly limit: number;
  /** Edges of a tenant that are counted apart. */
  readonly edgeLimit: number;
}

const FLUSH_MS = 15_000;

/** Requests, errors and durations of spans, and of the calls between services, as series. */
export class SpanMetricsService implements Service {
  readonly name = 'span-metrics';
  readonly dependsOn: readonly string[];
  readonly #deps: SpanMetricsDeps;
  readonly #spans: SpanCounts;
  readonly #edges: EdgeCounts;
  readonly #writers: readonly MeasuredWriter[];
  readonly #flushes: ReturnType<Telemetry['counter']>;
  #timer: Timer | null = null;
  #running: Promise<void> | null = null;

  constructor(deps: SpanMetricsDeps, dependsOn: readonly string[] = []) {
    this.#deps = deps;
    this.dependsOn = dependsOn;
    this.#spans = new SpanCounts(deps.limit);
    this.#edges = new EdgeCounts(deps.edgeLimit, deps.clock.now());
    this.#writers = [measuredWriter(this.#spans, deps.writer), measuredWriter(this.#edges, deps.writer)];
    this.#flushes = deps.telemetry.counter({
      name: 'pharos_traces_span_metrics_writes_total',
      help: 'Writes of metrics from spans by outcome.',
      labels: ['outcome'],
    });
  }

  start(): void {
    this.#timer ??= this.#deps.clock.every(FLUSH_MS, () => void this.flush());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    await this.#running;
    await this.flush();
  }

  /** Counts spans that were stored for the first time. */
  count(chunk: SpanChunk): void {
    this.#spans.count(chunk, this.#deps.clock.now());
  }

  /** Counts the calls of a minute, all of them each time the minute is computed. */
  countCalls(tenant: string, minute: MinuteCalls): void {
    this.#edges.count(tenant, minute, this.#deps.clock.now());
  }

  /** Writes all series as they are now. What a failed write did not store is in the next one: counters are cumulative. */
  flush(): Promise<void> {
    this.#running ??= this.#flush().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #flush(): Promise<void> {
    const { writer, log, clock } = this.#deps;
    const tenants = new Set(this.#writers.flatMap((one) => [...one.tenants()]));
    for (const tenant of tenants) {
      const batch = writer.batch(tenant);
      try {
        const now = clock.now();
        const stored = this.#writers.map((one) => one.write(tenant, batch, now));
        await batch.commit();
        for (const done of stored) done();
        this.#flushes.inc({ outcome: 'ok' });
      } catch (error) {
        batch.rollback();
        this.#flushes.inc({ outcome: 'failed' });
        log.warn({ err: error }, 'metrics from spans could not be stored; the next write has them');
      }
    }
  }
}
