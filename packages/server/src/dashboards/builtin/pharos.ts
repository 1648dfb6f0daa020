import type { DashboardInput } from '../model.ts';
import { alarm, curves, EVENTS, figure, type Group, place, STACKED } from './build.ts';

const p = (q: number, metric: string, by = '') =>
  `histogram_quantile(${q}, sum by (le${by === '' ? '' : `, ${by}`}) (rate(${metric}_bucket[$__rate_interval])))`;

const GROUPS: readonly Group[] = [
  {
    title: 'Now',
    panels: [
      figure('Engine', 'pharos_engine_up', {
        field: {
          ...alarm(2, 3),
          mappings: [
            { type: 'value', value: '1', text: 'ready', color: 'green' },
            { type: 'value', value: '0', text: 'not ready', color: 'red' },
          ],
        },
      }),
      figure('Samples a second', 'sum(rate(pharos_metrics_samples_appended_total[$__rate_interval]))', {
        unit: 'short',
      }),
      figure('Active series', 'sum(pharos_metrics_head_series)', { unit: 'short' }),
      figure('Targets down', 'sum(pharos_scrape_targets{health="down"})', { field: alarm(1, 3) }),
      figure('Journal backlog', 'pharos_journal_pending_bytes / pharos_journal_limit_bytes', {
        unit: 'percentunit',
        field: alarm(0.3, 0.7),
      }),
      figure('Engine memory', 'pharos_engine_anonymous_memory_bytes', { unit: 'bytes' }),
    ],
  },
  {
    title: 'In',
    panels: [
      curves(
        'Samples a second, by outcome',
        {
          stored: 'sum(rate(pharos_metrics_samples_appended_total[$__rate_interval]))',
          'refused, {{reason}}':
            'sum by (reason) (rate(pharos_metrics_samples_rejected_total[$__rate_interval]))',
        },
        { unit: 'short' },
      ),
      curves(
        'Scrapes by outcome',
        { '{{outcome}}': 'sum by (outcome) (rate(pharos_scrapes_total[$__rate_interval]))' },
        { unit: 'ops', field: STACKED },
      ),
      curves(
        'Duration of scrapes',
        { p50: p(0.5, 'pharos_scrape_duration_seconds'), p99: p(0.99, 'pharos_scrape_duration_seconds') },
        { unit: 's' },
      ),
      curves('Scrapes start late by', { p99: p(0.99, 'pharos_scrape_lag_seconds') }, { unit: 's' }),
      curves(
        'Scraped bytes',
        { bytes: 'sum(rate(pharos_scrape_body_bytes_total[$__rate_interval]))' },
        { unit: 'Bps' },
      ),
      curves('Targets', { '{{health}}': 'sum by (health) (pharos_scrape_targets)' }, { field: STACKED }),
    ],
  },
  {
    title: 'Storage',
    panels: [
      curves(
        'Journal written',
        { bytes: 'rate(pharos_journal_appended_bytes_total[$__rate_interval])' },
        { unit: 'Bps' },
      ),
      curves('Journal waits for the engine', { bytes: 'pharos_journal_pending_bytes' }, { unit: 'bytes' }),
      curves(
        'fsync',
        {
          p50: p(0.5, 'pharos_journal_fsync_duration_seconds'),
          p99: p(0.99, 'pharos_journal_fsync_duration_seconds'),
        },
        { unit: 's' },
      ),
      curves('Head', { bytes: 'pharos_metrics_head_bytes' }, { unit: 'bytes' }),
      curves('Flush lag', { lag: 'pharos_journal_flush_lag_seconds' }, { unit: 's' }),
      curves(
        'Rows inserted a second',
        { rows: 'sum(rate(pharos_engine_inserted_rows_total[$__rate_interval]))' },
        { unit: 'short' },
      ),
    ],
  },
  {
    title: 'Queries',
    panels: [
      curves(
        'Engine queries by purpose',
        {
          '{{purpose}}, {{result}}':
            'sum by (purpose, result) (rate(pharos_engine_queries_total[$__rate_interval]))',
        },
        { unit: 'ops' },
      ),
      curves(
        'Duration of engine queries, p95',
        { '{{class}}': `${p(0.95, 'pharos_engine_query_duration_seconds', 'class')} >= 0` },
        { unit: 's' },
      ),
      curves(
        'Memory',
        {
          server: 'process_resident_memory_bytes and on (instance) pharos_engine_up',
          'engine, without its library': 'pharos_engine_anonymous_memory_bytes',
        },
        { unit: 'bytes' },
      ),
      curves(
        'Processor of the server',
        {
          'of one core':
            'rate(process_cpu_seconds_total[$__rate_interval]) and on (instance) pharos_engine_up',
        },
        { unit: 'percentunit' },
      ),
      curves(
        'HTTP by code',
        { '{{code}}': 'sum by (code) (rate(pharos_http_requests_total[$__rate_interval]))' },
        { unit: 'reqps', field: STACKED },
      ),
      curves(
        'HTTP latency, p95',
        {
          '{{route}}':
            'topk(8, histogram_quantile(0.95, sum by (le, route) (rate(pharos_http_request_duration_seconds_bucket[5m]))) >= 0)',
        },
        {
          unit: 's',
          // Most routes are asked now and then: over a shorter window each would be a lone point between gaps.
          description: 'Over the last 5 minutes; a route that nobody asked in them has no latency.',
        },
      ),
      curves('Live streams', { open: 'pharos_http_streams' }),
    ],
  },
];

/** Pharos, watching itself: ingest, storage, engine, queries, scrapes. */
export function pharos(): DashboardInput {
  return {
    uid: 'pharos-itself',
    title: 'Pharos itself',
    description: 'What Pharos takes in, keeps, asks and answers, from its own metrics.',
    tags: ['pharos', 'self'],
    folder: 'Ready made',
    time: { range: '1h' },
    annotations: EVENTS,
    panels: place(GROUPS),
  };
}
