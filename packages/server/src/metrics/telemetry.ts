import type { Counter, Histogram } from 'prom-client';
import { Tally } from '../kernel/tally.ts';
import type { Telemetry } from '../kernel/telemetry.ts';
import type { HeadStats } from './store/head/stats.ts';

/** The metrics slice's own metrics. */
export interface MetricsTelemetry {
  readonly floatsAppended: Tally;
  readonly histogramsAppended: Tally;
  readonly samplesRejected: Counter;
  readonly exemplarsAppended: Counter;
  readonly exemplarsRejected: Counter;
  readonly seriesRefused: Counter;
  readonly metadataLimited: Counter;
  readonly seriesLeftOut: Counter;
  readonly engineReads: Histogram;
  readonly partialAnswers: Counter;
  readonly queries: Histogram;
  readonly queriesRefused: Counter;
  readonly cachedQueries: Counter;
  readonly cachedSteps: Counter;
  /** Reads the head's gauges when /metrics is scraped. */
  observeHead(stats: () => HeadStats): void;
  observeExemplars(count: () => number): void;
  observeResultCache(bytes: () => number): void;
}

const SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60] as const;

export function metricsTelemetry(telemetry: Telemetry): MetricsTelemetry {
  const metrics = declare(telemetry);
  // Present from the start, so that the first increase is one.
  metrics.samplesRejected.inc({ reason: 'duplicate' }, 0);
  return metrics;
}

function declare(telemetry: Telemetry): MetricsTelemetry {
  const floatsAppended = new Tally();
  const histogramsAppended = new Tally();
  telemetry.counter({
    name: 'pharos_metrics_samples_appended_total',
    help: 'Samples made durable, by type: float, histogram.',
    labels: ['type'],
    collect: (own) => {
      own.inc({ type: 'float' }, floatsAppended.take());
      const histograms = histogramsAppended.take();
      if (histograms > 0) own.inc({ type: 'histogram' }, histograms);
    },
  });
  return {
    floatsAppended,
    histogramsAppended,
    ...declareLimits(telemetry),
    engineReads: telemetry.histogram({
      name: 'pharos_metrics_engine_read_duration_seconds',
      help: 'Time to read samples older than the head from the engine.',
      buckets: SECONDS,
    }),
    partialAnswers: telemetry.counter({
      name: 'pharos_metrics_partial_answers_total',
      help: 'Selections answered from the head alone because the engine was not there.',
    }),
    queries: telemetry.histogram({
      name: 'pharos_metrics_query_duration_seconds',
      help: 'Time to answer a PromQL request, by API call.',
      labels: ['call'],
      buckets: SECONDS,
    }),
    queriesRefused: telemetry.counter({
      name: 'pharos_metrics_queries_refused_total',
      help: 'PromQL requests refused because too many were running and waiting.',
    }),
    cachedQueries: telemetry.counter({
      name: 'pharos_metrics_result_cache_queries_total',
      help: 'Range queries by what the result cache did: hit (computed nothing), partial (only new steps), miss (all of it, which is kept), bypass (not for the cache).',
      labels: ['outcome'],
    }),
    cachedSteps: telemetry.counter({
      name: 'pharos_metrics_result_cache_steps_total',
      help: 'Steps of range queries that came from the result cache.',
    }),
    observeResultCache: (bytes) => {
      telemetry.gauge({
        name: 'pharos_metrics_result_cache_bytes',
        help: 'Memory of the answers that the result cache keeps.',
        value: () => bytes(),
      });
    },
    observeHead: (stats) => observeHead(telemetry, stats),
    observeExemplars: (count) => {
      telemetry.gauge({
        name: 'pharos_metrics_exemplars',
        help: 'Exemplars in memory.',
        value: () => count(),
      });
    },
  };
}

/** What was taken of exemplars, and what is not kept as it came. */
function declareLimits(telemetry: Telemetry) {
  return {
    samplesRejected: telemetry.counter({
      name: 'pharos_metrics_samples_rejected_total',
      help: 'Samples not stored, by reason: duplicate (same time and value as a stored one), duplicate_timestamp (another value at that time), too_old, too_far_ahead.',
      labels: ['reason'],
    }),
    exemplarsAppended: telemetry.counter({
      name: 'pharos_metrics_exemplars_appended_total',
      help: 'Exemplars made durable.',
    }),
    exemplarsRejected: telemetry.counter({
      name: 'pharos_metrics_exemplars_rejected_total',
      help: 'Exemplars not stored, by reason: out_of_order, labels_too_long (over 128 characters), too_old, too_far_ahead.',
      labels: ['reason'],
    }),
    seriesRefused: telemetry.counter({
      name: 'pharos_metrics_series_refused_total',
      help: 'Label sets refused, by the limit they met: series_limit (active series of the tenant), label_memory (their names and values together), label_count, label_name_length, label_value_length.',
      labels: ['reason'],
    }),
    seriesLeftOut: telemetry.counter({
      name: 'pharos_metrics_restart_series_left_out_total',
      help: 'Series with recent samples that were not loaded at start, since more than series_limit had some: the engine answers for them.',
    }),
    metadataLimited: telemetry.counter({
      name: 'pharos_metrics_metadata_limited_total',
      help: 'Descriptions of metric families not kept as they came, by the limit they met: text_length (help or unit cut to 1 KiB), name_length (a name without or with more than 512 bytes), families (50,000 of a tenant), bytes (8 MiB of a tenant, 16 MiB of all).',
      labels: ['reason'],
    }),
  };
}

function observeHead(telemetry: Telemetry, stats: () => HeadStats): void {
  const gauge = (name: string, help: string, read: (now: HeadStats) => number) =>
    telemetry.gauge({ name, help, value: () => read(stats()) });
  gauge('pharos_metrics_head_series', 'Active series in memory.', (now) => now.series);
  gauge(
    'pharos_metrics_head_bytes',
    'Memory of the recent samples and the series table, without label texts.',
    (now) => now.chunkBytes + now.histogramBytes + now.lateBytes + now.seriesBytes,
  );
  gauge(
    'pharos_metrics_head_label_bytes',
    'Memory of the label names and values of active series, about; metrics.label_memory bounds it for each tenant.',
    (now) => now.labelBytes,
  );
  gauge('pharos_metrics_head_histograms', 'Native histogram samples in memory.', (now) => now.histograms);
  telemetry.queues.publish({
    name: 'late_samples',
    what: 'samples older than what memory holds, until the engine has them',
    unit: 'items',
    depth: gauge(
      'pharos_metrics_head_late_samples',
      'Out-of-order samples held in memory.',
      (now) => now.lateSamples,
    ),
  });
  gauge(
    'pharos_metrics_head_window_seconds',
    'How far back the head answers by itself, counted from the newest sample.',
    (now) => (Number.isFinite(now.newest - now.floor) ? (now.newest - now.floor) / 1000 : 0),
  );
}
