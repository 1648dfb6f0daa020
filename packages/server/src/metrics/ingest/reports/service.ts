import type { Clock, Timer } from '../../../kernel/clock.ts';
import type { Log } from '../../../kernel/log.ts';
import type { Service } from '../../../kernel/services.ts';
import type { Telemetry } from '../../../kernel/telemetry.ts';
import type { MetadataSink, SampleAppender, SampleSink } from '../../sink.ts';
import {
  type HttpReport,
  REPORTED_FAMILIES,
  type ReportedFamily,
  ReportedMetrics,
  type ReportedSeries,
  type ReportStatus,
} from './reported.ts';
import { exposeReported } from './text.ts';

export interface HealthReport {
  readonly tenant: string;
  readonly service: string;
  readonly status: ReportStatus;
  /** Wall-clock milliseconds. */
  readonly at: number;
}

export interface ReportsDeps {
  readonly clock: Clock;
  readonly sink: SampleSink;
  readonly metadata: MetadataSink;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

/** How often the aggregates become samples; the default scrape interval. */
const SAMPLE_INTERVAL_MS = 15_000;

/**
 * Pushed JSON reports: aggregated in this process, as a metrics library in the reporting service would, and sampled into the
 * store every 15 s. Counters start at zero with the process, as any counter may.
 */
export class ReportsService implements Service {
  readonly name = 'reports';
  readonly dependsOn: readonly string[];
  readonly #deps: ReportsDeps;
  readonly #tenants = new Map<string, ReportedMetrics>();
  readonly #listeners = new Set<(report: HealthReport) => void>();
  readonly #telemetry: ReturnType<typeof reportsTelemetry>;
  #timer: Timer | null = null;
  #sampling: Promise<void> = Promise.resolve();

  constructor(deps: ReportsDeps, dependsOn: readonly string[] = []) {
    this.#deps = deps;
    this.dependsOn = dependsOn;
    this.#telemetry = reportsTelemetry(deps.telemetry);
  }

  start(): void {
    this.#timer ??= this.#deps.clock.every(SAMPLE_INTERVAL_MS, () => {
      this.#sampling = this.#sampling.then(() => this.#sample());
    });
  }

  /** Samples once more, so that what was reported last is kept. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    await this.#sampling;
    await this.#sample();
  }

  /** Hears of every health report until the answer is called. */
  onHealthReport(listener: (report: HealthReport) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  health(tenant: string, service: string, status: ReportStatus): void {
    const at = this.#deps.clock.now();
    this.#count('health', () => this.#of(tenant).health(service, status, at));
    for (const listener of this.#listeners) listener({ tenant, service, status, at });
  }

  http(tenant: string, report: HttpReport): void {
    this.#count('http', () => this.#of(tenant).http(report));
  }

  users(tenant: string, count: number, service: string | undefined): void {
    this.#count('users', () => this.#of(tenant).users(count, service));
  }

  /** Prometheus text of a tenant's reported series, for `GET /metrics`. */
  text(tenant: string): string {
    const reported = this.#tenants.get(tenant);
    return reported === undefined ? '' : exposeReported(reported);
  }

  #of(tenant: string): ReportedMetrics {
    let reported = this.#tenants.get(tenant);
    if (reported === undefined) {
      reported = new ReportedMetrics();
      this.#tenants.set(tenant, reported);
    }
    return reported;
  }

  #count(kind: string, take: () => void): void {
    try {
      take();
      this.#telemetry.taken.inc({ kind });
    } catch (error) {
      this.#telemetry.refused.inc({ kind });
      throw error;
    }
  }

  async #sample(): Promise<void> {
    for (const [tenant, reported] of this.#tenants) {
      const appender = this.#deps.sink.appender({ tenant });
      const now = this.#deps.clock.now();
      const families = new Set<ReportedFamily>();
      for (const ended of reported.expire(now)) {
        if (ended.ref >= 0) appender.appendStale(ended.ref, now);
      }
      for (const one of reported.series()) append(one, now, appender, families);
      for (const family of families) {
        this.#deps.metadata.record(tenant, family, { ...REPORTED_FAMILIES[family], unit: '' });
      }
      try {
        await appender.commit();
      } catch (error) {
        this.#telemetry.failed.inc();
        this.#deps.log.warn(
          { error: error instanceof Error ? error.message : String(error) },
          'reported samples could not be stored',
        );
      }
    }
  }
}

/** Appends one sample, resolving the series when it is new or forgotten; its family is then noted. */
function append(
  series: ReportedSeries,
  now: number,
  appender: SampleAppender,
  families: Set<ReportedFamily>,
): void {
  if (series.ref >= 0 && appender.append(series.ref, now, series.value)) return;
  series.ref = appender.resolve(series.stored);
  families.add(series.family);
  if (series.ref >= 0) appender.append(series.ref, now, series.value);
}

function reportsTelemetry(telemetry: Telemetry) {
  return {
    taken: telemetry.counter({
      name: 'pharos_reports_total',
      help: 'JSON reports taken, by kind.',
      labels: ['kind'],
    }),
    refused: telemetry.counter({
      name: 'pharos_reports_refused_total',
      help: 'Reports refused because too many different ones came.',
      labels: ['kind'],
    }),
    failed: telemetry.counter({
      name: 'pharos_report_sample_failures_total',
      help: 'Rounds of reported samples that could not be stored.',
    }),
  };
}
