/** Made-up answers of `/api/v1/cardinality…`. */
import { type Scenario, wave } from './world.ts';

const NAMES = ['http_request_duration_seconds_bucket', 'http_requests_total', 'node_cpu_seconds_total', 'up'];
const MINUTES_10 = 600_000;
const DAY = 86_400_000;

function metricsOf(scenario: Scenario) {
  const many = scenario === 'large' ? 100 : NAMES.length;
  return Array.from({ length: many }, (_, index) => ({
    name: NAMES[index] ?? `generated_metric_${index}_total`,
    series: Math.round((scenario === 'large' ? 240_000 : 3200) / (index + 1)),
    fresh: index === 1 ? 900 : 0,
    ended: index === 1 ? 120 : 0,
  }));
}

function report(scenario: Scenario, now: number) {
  const metrics = scenario === 'empty' ? [] : metricsOf(scenario);
  const series = metrics.reduce((sum, one) => sum + one.series, 0);
  const label = (name: string, values: number, longest: number) => ({
    name,
    values,
    series: Math.min(series, values * 3),
    characters: values * longest,
    longest,
  });
  return {
    at: now,
    tenant: 'default',
    seriesLimit: scenario === 'large' ? 1_300_000 : 1_000_000,
    totals: { series, fresh: 900, ended: 120, metrics: metrics.length, labels: 6, pairs: 5400 },
    metrics,
    churning: metrics.filter(({ fresh }) => fresh > 0),
    labels: [
      label('user_id', scenario === 'large' ? 180_000 : 1200, 36),
      label('le', 14, 6),
      label('instance', 12, 15),
    ],
    pairs: [
      { name: 'job', value: 'order', series: Math.round(series / 2) },
      { name: 'stack', value: `${'at handler '.repeat(27)}… (204800 characters)`, series: 1 },
    ],
    targets: [
      { job: 'order', instance: '127.0.0.1:8004', series: Math.round(series / 2), fresh: 900, ended: 120 },
      { job: '', instance: '', series: 3, fresh: 0, ended: 0 },
    ],
    tenants: [{ tenant: 'default', series }],
    arrivals: Array.from({ length: 18 }, (_, index) => ({
      start: now - (18 - index) * MINUTES_10,
      series: index === 0 ? series - 1000 : Math.round(wave('arrivals', index * MINUTES_10) * 160),
    })),
  };
}

function growth(scenario: Scenario, days: number, now: number) {
  const size = scenario === 'large' ? 300_000 : 6000;
  return {
    days: Array.from({ length: days }, (_, index) => {
      const start = (Math.floor(now / DAY) - days + 1 + index) * DAY;
      const fresh = Math.round(wave('fresh', start, 5 * DAY) * size * 0.1);
      return { start, series: Math.round(size * (0.6 + index / 40)) + fresh, fresh };
    }),
    metrics: metricsOf(scenario).slice(0, 3),
    sampled: scenario === 'large' ? 4 : 1,
  };
}

/** The answer to a path of the cardinality API, or null when it is none of them. */
export function cardinalityAnswer(scenario: Scenario, url: URL, now: number): unknown {
  const { pathname, searchParams } = url;
  const search = (searchParams.get('search') ?? '').toLowerCase();
  switch (pathname) {
    case '/api/v1/cardinality':
      return report(scenario, now);
    case '/api/v1/cardinality/growth':
      return growth(scenario, Number(searchParams.get('days')), now);
    case '/api/v1/cardinality/metrics': {
      const all = scenario === 'empty' ? [] : metricsOf(scenario);
      const found = all.filter(({ name }) => name.includes(search));
      const metrics = found.map(({ name, series }) => ({
        name,
        series,
        type: name.endsWith('_bucket') ? 'histogram' : name.endsWith('_total') ? 'counter' : 'gauge',
        help: `What ${name} says.`,
        unit: '',
      }));
      return { total: all.length, matching: found.length, metrics };
    }
    case '/api/v1/cardinality/labels': {
      const values = searchParams.get('label') === 'job' ? ['order', 'gateway', 'auth'] : ['GET', 'POST'];
      const found = values.filter((value) => value.toLowerCase().includes(search));
      return {
        series: 640,
        labels: [
          { name: 'job', values: 3, series: 640 },
          { name: 'method', values: 2, series: 640 },
        ],
        values:
          searchParams.get('label') === ''
            ? []
            : found.map((value, index) => ({ value, series: 320 / (index + 1) })),
        matching: found.length,
        partial: false,
      };
    }
    default:
      return null;
  }
}
