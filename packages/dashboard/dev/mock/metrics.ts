/** Made-up answers of the metrics API: the explorer's and the editor's questions. */
import { QUERY_STATS } from './query-stats.ts';
import { type Scenario, wave } from './world.ts';

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

const METRICS: readonly (readonly [name: string, type: string, help: string, series: number])[] = [
  ['http_request_duration_seconds_bucket', 'histogram', 'How long requests took.', 3200],
  ['http_requests_total', 'counter', 'Requests by method, route and status.', 640],
  ['process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes.', 5],
  ['up', 'gauge', 'Whether the target answered its last scrape.', 6],
];
const VALUES: Readonly<Record<string, readonly string[]>> = {
  job: ['auth', 'catalog', 'gateway', 'order', 'user'],
  method: ['GET', 'POST'],
  instance: ['127.0.0.1:8002', '127.0.0.1:8004'],
};

const ok = (data: unknown, rest: object = {}): Reply => ({
  status: 200,
  body: { status: 'success', data, ...rest },
});

/** Enough of a parser for a made-up server: brackets must close. */
function syntaxError(query: string): Reply | null {
  if (query.split('(').length <= query.split(')').length) return null;
  const error = `invalid parameter "query": 1:${query.length + 1}: parse error: unclosed left parenthesis`;
  return { status: 400, body: { status: 'error', errorType: 'bad_data', error } };
}

function instant(scenario: Scenario, query: string, at: number): Reply {
  if (query.includes('scrape_samples')) return ok({ resultType: 'vector', result: scraped(scenario, at) });
  if (query.includes('pharos_')) return ok({ resultType: 'vector', result: refusals(scenario, at) });
  const count = scenario === 'empty' ? 0 : scenario === 'large' ? 10_000 : 5;
  const result = Array.from({ length: count }, (_, index) => ({
    metric: { __name__: 'up', instance: `127.0.0.1:${8000 + index}`, job: `job-${index % 7}` },
    value: [at, String(Number(wave(`i${index}`, at * 1000).toFixed(6)))],
  }));
  return ok({ resultType: 'vector', result, stats: QUERY_STATS });
}

function scraped(scenario: Scenario, at: number) {
  if (scenario === 'empty') return [];
  return (VALUES['job'] ?? []).flatMap((job, index) =>
    ['scrape_samples_scraped', 'scrape_samples_post_metric_relabeling', 'scrape_series_added'].map(
      (name, part) => ({
        metric: { __name__: name, job, instance: `127.0.0.1:${8002 + index * 2}` },
        value: [at, String([1240, 1180, 3][part])],
      }),
    ),
  );
}

function refusals(scenario: Scenario, at: number) {
  if (scenario !== 'large') return [];
  const metric = {
    __name__: 'pharos_metrics_series_refused_total',
    job: 'pharos',
    instance: '127.0.0.1:8080',
  };
  return [{ metric, value: [at, '4182'] }];
}

function exemplars(scenario: Scenario, from: number, to: number): Reply {
  if (scenario === 'empty') return ok([]);
  const spots = Array.from({ length: 12 }, (_, index) => ({
    labels: { trace_id: `4bf92f3577b34da6a3ce929d0e0e47${String(index).padStart(2, '0')}` },
    value: String(0.4 + wave(`x${index}`, index * 40_000)),
    timestamp: from + ((index + 0.5) / 12) * (to - from),
  }));
  return ok([
    { seriesLabels: { __name__: 'http_request_duration_seconds_bucket', job: 'order' }, exemplars: spots },
  ]);
}

/** The answer to a path of the metrics API, or null when it is none of them. */
export function metricsAnswer(scenario: Scenario, url: URL, now: number): Reply | null {
  const { pathname, searchParams } = url;
  const query = searchParams.get('query') ?? '';
  const label = /^\/api\/v1\/label\/([^/]+)\/values$/.exec(pathname)?.[1];
  if (label !== undefined)
    return ok(label === '__name__' ? METRICS.map(([name]) => name) : (VALUES[label] ?? []));
  switch (pathname) {
    case '/api/v1/query':
      return syntaxError(query) ?? instant(scenario, query, Number(searchParams.get('time')) || now / 1000);
    case '/api/v1/parse_query':
      return syntaxError(query) ?? ok({ type: 'vectorSelector' });
    case '/api/v1/format_query':
      return syntaxError(query) ?? ok(query.replaceAll(/\s+/g, ' ').replaceAll(/\(\s*/g, '(').trim());
    case '/api/v1/labels':
      return ok(['__name__', ...Object.keys(VALUES)]);
    case '/api/v1/metadata':
      return ok(Object.fromEntries(METRICS.map(([name, type, help]) => [name, [{ type, help, unit: '' }]])));
    case '/api/v1/query_exemplars':
      return exemplars(scenario, Number(searchParams.get('start')), Number(searchParams.get('end')));
    default:
      return null;
  }
}

/** The answer of a range query with what stands beside it: statistics, and an info that names its place. */
export function rangeAnswer(query: string, matrix: object): Reply {
  const failed = syntaxError(query);
  if (failed !== null) return failed;
  const rated = /rate\((\w+)/.exec(query);
  const name = rated?.[1] ?? '';
  const infos =
    rated === null || name.endsWith('_total')
      ? []
      : [
          `PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${JSON.stringify(name)} (1:${rated.index + 6})`,
        ];
  return { status: 200, body: { ...matrix, ...(infos.length === 0 ? {} : { infos }) } };
}
