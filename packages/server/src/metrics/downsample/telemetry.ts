import type { Counter, Gauge, Histogram } from 'prom-client';
import type { Telemetry } from '../../kernel/telemetry.ts';

export interface DownsampleTelemetry {
  readonly lastRun: Gauge;
  readonly duration: Histogram;
  readonly days: Counter;
  readonly rows: Counter;
  readonly failures: Counter;
  readonly selections: Counter;
}

const SECONDS = [0.1, 0.5, 2, 10, 60, 300, 1800] as const;

export function downsampleTelemetry(telemetry: Telemetry, dirtyDays: () => number): DownsampleTelemetry {
  telemetry.gauge({
    name: 'pharos_downsample_dirty_partitions',
    help: 'Partitions (days) whose buckets do not stand for all their samples yet.',
    value: () => dirtyDays(),
  });
  return {
    lastRun: telemetry.gauge({
      name: 'pharos_downsample_last_run_timestamp_seconds',
      help: 'When the downsampling job last went through all days without a failure; 0 for not yet.',
    }),
    duration: telemetry.histogram({
      name: 'pharos_downsample_run_duration_seconds',
      help: 'Time of one run of the downsampling job.',
      buckets: SECONDS,
    }),
    days: telemetry.counter({
      name: 'pharos_downsample_partitions_total',
      help: 'Partitions (days) computed, also those computed again because rows came late or went.',
    }),
    rows: telemetry.counter({
      name: 'pharos_downsample_rows_total',
      help: 'Buckets stored, by resolution: 5m, 1h.',
      labels: ['resolution'],
    }),
    failures: telemetry.counter({
      name: 'pharos_downsample_failures_total',
      help: 'Runs of the downsampling job that failed; the next one tries again.',
    }),
    selections: telemetry.counter({
      name: 'pharos_downsample_selections_total',
      help: 'Selections of queries that buckets answered, by reason: needed (the samples are gone), cheaper, summed (the engine summed up samples).',
      labels: ['reason'],
    }),
  };
}
