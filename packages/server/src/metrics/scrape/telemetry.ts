import type { Counter } from 'prom-client';
import { Observations, Tally } from '../../kernel/tally.ts';
import type { Telemetry } from '../../kernel/telemetry.ts';
import type { BodyOutcome, LimitHit } from './outcome.ts';

/** What the scrape loops tell about themselves. */
export interface ScrapeTelemetry {
  scraped(outcome: string, durationSeconds: number, wireBytes: number): void;
  body(outcome: BodyOutcome): void;
  limited(hit: LimitHit): void;
  stale(markers: number): void;
  /** How late a slot ran. */
  lag(seconds: number): void;
  commitFailed(): void;
  discoveryFailed(mechanism: string): void;
}

/** Gauges are read from the manager when asked for. */
export interface ScrapeGauges {
  targets(): { readonly up: number; readonly down: number; readonly unknown: number };
  /** Limits met by the last scrapes, by target. */
  limited(): readonly {
    readonly job: string;
    readonly instance: string;
    readonly limit: string;
  }[];
  cache(): { readonly series: number; readonly bytes: number };
}

export function createScrapeTelemetry(telemetry: Telemetry, gauges: ScrapeGauges): ScrapeTelemetry {
  const ok = new Tally();
  const scrapes = telemetry.counter({
    name: 'pharos_scrapes_total',
    help: 'Scrapes by outcome: ok, or why they failed.',
    labels: ['outcome'],
    collect: (own) => tellCounter(own, { outcome: 'ok' }, ok),
  });
  const durations = new Observations((seconds) => duration.observe(seconds));
  const duration = telemetry.histogram({
    name: 'pharos_scrape_duration_seconds',
    help: 'Time from the start of a scrape to its samples being parsed.',
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    collect: () => durations.tell(),
  });
  const bytes = telemetry.counter({
    name: 'pharos_scrape_body_bytes_total',
    help: 'Bytes of scraped bodies as they came over the wire.',
  });
  const stored = new Tally();
  const samples = telemetry.counter({
    name: 'pharos_scrape_samples_total',
    help: 'Samples in scraped bodies by what became of them.',
    labels: ['result'],
    collect: (own) => tellCounter(own, { result: 'stored' }, stored),
  });
  const limitedSamples = telemetry.counter({
    name: 'pharos_scrape_limited_samples_total',
    help: 'Scraped samples left out by the limit that they met.',
    labels: ['limit'],
  });
  const problems = telemetry.counter({
    name: 'pharos_scrape_parse_errors_total',
    help: 'Scraped bodies refused, by what was wrong with them.',
    labels: ['reason'],
  });
  const markers = telemetry.counter({
    name: 'pharos_scrape_stale_markers_total',
    help: 'Staleness markers written for series that targets no longer expose.',
  });
  const lags = new Observations((seconds) => lag.observe(seconds));
  const lag = telemetry.histogram({
    name: 'pharos_scrape_lag_seconds',
    help: 'How late scrapes start after their slot.',
    buckets: [0.001, 0.005, 0.02, 0.05, 0.2, 1, 5],
    collect: () => lags.tell(),
  });
  const commitFailures = telemetry.counter({
    name: 'pharos_scrape_commit_failures_total',
    help: 'Scrapes whose samples could not be stored.',
  });
  const discoveryFailures = telemetry.counter({
    name: 'pharos_discovery_failures_total',
    help: 'Failed refreshes of target discovery; the last good targets stay.',
    labels: ['mechanism'],
  });
  // Present from the start, so that the first increase is one; a scrape without any costs nothing.
  for (const result of ['stored', 'duplicate', 'refused']) samples.inc({ result }, 0);
  observe(telemetry, gauges);
  return {
    scraped: (outcome, seconds, wireBytes) => {
      if (outcome === 'ok') ok.add(1);
      else scrapes.inc({ outcome });
      durations.add(seconds);
      bytes.inc(wireBytes);
    },
    body: (outcome) => {
      if (outcome.problem !== null) problems.inc({ reason: outcome.problem.reason });
      else stored.add(outcome.kept - outcome.refused);
      if (outcome.duplicates > 0) samples.inc({ result: 'duplicate' }, outcome.duplicates);
      if (outcome.refused > 0) samples.inc({ result: 'refused' }, outcome.refused);
    },
    limited: ({ limit, samples: left }) => limitedSamples.inc({ limit }, left),
    stale: (count) => {
      if (count > 0) markers.inc(count);
    },
    lag: (seconds) => lags.add(seconds),
    commitFailed: () => commitFailures.inc(),
    discoveryFailed: (mechanism) => discoveryFailures.inc({ mechanism }),
  };
}

/** Labels of which nothing was counted yet are not there. */
function tellCounter(counter: Counter, labels: Readonly<Record<string, string>>, tally: Tally): void {
  const count = tally.take();
  if (count > 0) counter.inc(labels, count);
}

function observe(telemetry: Telemetry, gauges: ScrapeGauges): void {
  telemetry.gauge({
    name: 'pharos_scrape_targets',
    help: 'Active scrape targets by health.',
    labels: ['health'],
    collect: (gauge) => {
      for (const [health, count] of Object.entries(gauges.targets())) gauge.set({ health }, count);
    },
  });
  telemetry.gauge({
    name: 'pharos_scrape_target_over_limit',
    help: 'Targets whose last scrape met a limit: 1 for each target and limit.',
    labels: ['job', 'instance', 'limit'],
    collect: (gauge) => {
      gauge.reset();
      for (const target of gauges.limited()) gauge.set({ ...target }, 1);
    },
  });
  telemetry.gauge({
    name: 'pharos_scrape_cache_series',
    help: 'Series known in the scrape caches of all targets.',
    value: () => gauges.cache().series,
  });
  telemetry.gauge({
    name: 'pharos_scrape_cache_bytes',
    help: 'Bytes held by the scrape caches of all targets.',
    value: () => gauges.cache().bytes,
  });
}
