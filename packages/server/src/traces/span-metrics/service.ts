import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Service } from '../../kernel/services.ts';
import type { Telemetry } from '../../kernel/telemetry.ts';
import type { SpanChunk } from '../store/chunk.ts';
import { BOUNDS, SpanCounts, type SpanSeries } from './spans.ts';

/** Where samples go: one batch is one write. */
export interface SeriesWriter {
  describe(
    tenant: string,
    metric: string,
    about: { readonly type: 'counter' | 'histogram'; readonly help: string; readonly unit: string },
  ): void;
  batch(tenant: string): SeriesBatch;
}

export interface SeriesBatch {
  /** A sample of the series with these labels (with `__name__`), whose counting began at `since`. Times in epoch ms. */
  sample(labels: Readonly<Record<string, string>>, time: number, value: number, since: number): void;
  /** An exemplar of the series of the sample before. */
  exemplar(traceId: string, value: number, time: number): void;
  /** The series ends. */
  end(labels: Readonly<Record<string, string>>, time: number): void;
  commit(): Promise<unknown>;
  /** Lets go of everything. */
  rollback(): void;
}

export interface SpanMetricsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly writer: SeriesWriter;
  /** Series of a service. */
  readonly limit: number;
}

const FLUSH_MS = 15_000;
/** A series without spans ends after this. */
const IDLE_MS = 15 * 60_000;

const CALLS = 'traces_span_metrics_calls_total';
const DURATION = 'traces_span_metrics_duration_seconds';
const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const STATUSES = ['UNSET', 'OK', 'ERROR'];

/** Requests, errors and durations of spans as series, under the names of OpenTelemetry's spanmetrics connector. */
export class SpanMetricsService implements Service {
  readonly name = 'span-metrics';
  readonly dependsOn: readonly string[];
  readonly #deps: SpanMetricsDeps;
  readonly #counts: SpanCounts;
  readonly #flushes: ReturnType<Telemetry['counter']>;
  readonly #written = new WeakSet<SpanSeries>();
  readonly #described = new Set<string>();
  #timer: Timer | null = null;
  #running: Promise<void> | null = null;

  constructor(deps: SpanMetricsDeps, dependsOn: readonly string[] = []) {
    this.#deps = deps;
    this.dependsOn = dependsOn;
    this.#counts = new SpanCounts(deps.limit);
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
    this.#counts.count(chunk, this.#deps.clock.now());
  }

  /** Writes all series as they are now. What a failed write did not store is in the next one: counters are cumulative. */
  flush(): Promise<void> {
    this.#running ??= this.#flush().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #flush(): Promise<void> {
    const { writer, log } = this.#deps;
    for (const tenant of this.#counts.tenants()) {
      this.#describe(tenant);
      const batch = writer.batch(tenant);
      try {
        await this.#write(tenant, batch);
        this.#flushes.inc({ outcome: 'ok' });
      } catch (error) {
        batch.rollback();
        this.#flushes.inc({ outcome: 'failed' });
        log.warn({ err: error }, 'metrics from spans could not be stored; the next write has them');
      }
    }
  }

  async #write(tenant: string, batch: SeriesBatch): Promise<void> {
    const now = this.#deps.clock.now();
    const isIdle = ({ usedAt }: SpanSeries): boolean => now - usedAt >= IDLE_MS;
    const idle: SpanSeries[] = [];
    const live: SpanSeries[] = [];
    for (const series of this.#counts.of(tenant)) {
      if (isIdle(series)) {
        idle.push(series);
        endSeries(batch, series, now);
        continue;
      }
      // A counter that is there at once with its first spans would hide them from `rate`: it begins at zero.
      if (!this.#written.has(series) && series.since < now) writeSeries(batch, series, series.since, true);
      writeSeries(batch, series, now, false);
      live.push(series);
    }
    await batch.commit();
    for (const series of live) this.#written.add(series);
    // One that was used while it was written goes on.
    for (const series of idle) if (isIdle(series)) this.#counts.forget(tenant, series);
  }

  #describe(tenant: string): void {
    if (this.#described.has(tenant)) return;
    this.#described.add(tenant);
    const { writer } = this.#deps;
    const help = 'by service, name, kind and status.';
    writer.describe(tenant, CALLS, { type: 'counter', help: `Spans ${help}`, unit: '' });
    writer.describe(tenant, DURATION, {
      type: 'histogram',
      help: `Durations of spans ${help}`,
      unit: 'seconds',
    });
  }
}

function labelsOf({ service, operation }: SpanSeries): Readonly<Record<string, string>> {
  if (operation === null) return { service_name: service, otel_metric_overflow: 'true' };
  return {
    service_name: service,
    span_name: operation.name,
    span_kind: `SPAN_KIND_${KINDS[operation.kind] ?? 'UNSPECIFIED'}`,
    status_code: `STATUS_CODE_${STATUSES[operation.status] ?? 'UNSET'}`,
  };
}

function writeSeries(batch: SeriesBatch, series: SpanSeries, time: number, zero: boolean): void {
  const { since, counts, sum, slowest } = series;
  let total = 0;
  eachSeries(series, (labels, place) => {
    if (place !== null && place < counts.length) total += counts[place] ?? 0;
    const value = zero ? 0 : place === SUM ? sum : total;
    batch.sample(labels, time, value, since);
    if (zero || slowest === null || place === null || place === SUM) return;
    const bound = place < BOUNDS.length ? (BOUNDS[place] ?? 0) : Number.POSITIVE_INFINITY;
    const below = place === 0 ? -1 : (BOUNDS[place - 1] ?? 0);
    if (slowest.seconds > below && slowest.seconds <= bound) {
      batch.exemplar(slowest.traceId, slowest.seconds, time);
      series.slowest = null;
    }
  });
}

function endSeries(batch: SeriesBatch, series: SpanSeries, time: number): void {
  eachSeries(series, (labels) => batch.end(labels, time));
}

const SUM = -1;

/** The buckets first, in order, so that their counts add up; then the counts (place null) and the sum. */
function eachSeries(
  series: SpanSeries,
  visit: (labels: Readonly<Record<string, string>>, place: number | null) => void,
): void {
  const labels = labelsOf(series);
  for (let place = 0; place <= BOUNDS.length; place++)
    visit(
      { ...labels, __name__: `${DURATION}_bucket`, le: place < BOUNDS.length ? boundText(place) : '+Inf' },
      place,
    );
  visit({ ...labels, __name__: `${DURATION}_count` }, null);
  visit({ ...labels, __name__: CALLS }, null);
  visit({ ...labels, __name__: `${DURATION}_sum` }, SUM);
}

/** As Prometheus writes bounds: whole ones with a decimal. */
function boundText(place: number): string {
  const bound = BOUNDS[place] ?? 0;
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}
