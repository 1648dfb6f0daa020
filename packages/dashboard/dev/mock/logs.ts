import { namesOf, type Scenario } from './world.ts';

const NANOS = 1_000_000_000n;
const LEVELS = ['info', 'info', 'info', 'info', 'debug', 'info', 'warn', 'info', 'error', 'info'] as const;

/** The line of a second: always the same one, so that pages of an answer fit together. */
function lineAt(second: bigint, names: readonly string[]) {
  const place = Number(second % 1000n);
  const level = LEVELS[place % LEVELS.length] ?? 'info';
  const service = names[place % names.length] ?? '';
  const text = level === 'error' ? `POST /api/v1/orders 500 of ${second}` : `GET /api/v1/products ${second}`;
  const structuredMetadata = { detected_level: level, request_id: `r-${place}`, trace_id: `t${place}` };
  return { service, level, text, entry: [String(second * NANOS), text, { structuredMetadata }] as const };
}

type Line = ReturnType<typeof lineAt>;

/** A frame of a live tail with the lines of these seconds. */
export function tailFrame(scenario: Scenario, query: string, from: bigint, to: bigint): string {
  const url = new URL('http://mock');
  for (const [name, value] of Object.entries({
    query,
    start: from * NANOS,
    end: to * NANOS + 1n,
    limit: 1000,
  }))
    url.searchParams.set(name, String(value));
  return JSON.stringify({ streams: streamsOf(url, namesOf(scenario)) });
}

/** Of LogQL only what the page's own filters write. */
function keeps(query: string): (line: Line) => boolean {
  const text = /\|= "([^"]*)"/.exec(query)?.[1] ?? '';
  const level = /\| detected_level="([^"]*)"/.exec(query)?.[1];
  const request = /\| request_id="([^"]*)"/.exec(query)?.[1];
  const service = /\{service_name="([^"]*)"/.exec(query)?.[1];
  return (line) =>
    line.text.includes(text) &&
    (level === undefined || line.level === level) &&
    (request === undefined || line.entry[2].structuredMetadata.request_id === request) &&
    (service === undefined || line.service === service);
}

function streamsOf(url: URL, names: readonly string[]) {
  const of = (name: string): string => url.searchParams.get(name) ?? '0';
  const keep = keeps(of('query'));
  const found = new Map<string, Line['entry'][]>();
  let left = Number(of('limit'));
  const [first, last] = [(BigInt(of('start')) + NANOS - 1n) / NANOS, (BigInt(of('end')) - 1n) / NANOS];
  const forward = of('direction') === 'forward';
  for (let step = 0n; step <= last - first && left > 0; step++) {
    const at = forward ? first + step : last - step;
    const line = lineAt(at, names);
    if (!keep(line)) continue;
    left--;
    found.set(line.service, [...(found.get(line.service) ?? []), line.entry]);
  }
  return [...found].map(([name, values]) => ({ stream: { service_name: name }, values }));
}

function countsOf(url: URL, names: readonly string[]) {
  // Asked as for lines, a query that counts has no step of its own; the page asks again.
  if (!url.searchParams.has('step')) return [];
  const of = (name: string): number => Number(url.searchParams.get(name));
  const keep = keeps(url.searchParams.get('query') ?? '');
  const series = new Map<string, Map<number, number>>();
  for (let at = of('start'); at <= of('end'); at += of('step'))
    for (let second = at - of('step') + 1; second <= at; second++) {
      const line = lineAt(BigInt(second), names);
      if (!keep(line)) continue;
      const own = series.get(line.level) ?? new Map<number, number>();
      series.set(line.level, own.set(at, (own.get(at) ?? 0) + 1));
    }
  return [...series].map(([level, values]) => ({
    metric: { detected_level: level },
    values: [...values].map(([at, count]) => [at, String(count)]),
  }));
}

function fieldsAnswer(scenario: Scenario) {
  const field = (
    label: string,
    cardinality: number,
    values: readonly (readonly [string, number])[],
    more: object = {},
  ) => ({
    label,
    cardinality,
    isLabel: false,
    parsers: null,
    values: values.map(([value, count]) => ({ value, count })),
    ...more,
  });
  if (scenario === 'empty') return { lines: 0, fields: [] };
  return {
    lines: 1000,
    fields: [
      field(
        'env',
        2,
        [
          ['production', 900],
          ['staging', 100],
        ],
        { isLabel: true },
      ),
      field('request_id', 1000, [
        ['r-1', 1],
        ['r-2', 1],
      ]),
      field(
        'status',
        3,
        [
          ['200', 800],
          ['500', 100],
          ['404', 100],
        ],
        { parsers: ['json'] },
      ),
    ],
  };
}

function servicesAnswer(names: readonly string[]) {
  const result = names.map((name, index) => ({
    metric: { service_name: name },
    value: [0, String(900 - index)],
  }));
  return { status: 'success', data: { resultType: 'vector', result } };
}

function patternsAnswer(scenario: Scenario, url: URL) {
  const to = Number(url.searchParams.get('end'));
  const level = url.searchParams.get('level') ?? '';
  const iso = (minutesAgo: number): string =>
    new Date(Math.floor(to / 60_000) * 60_000 - minutesAgo * 60_000).toISOString();
  const all = [
    { service: 'order', level: 'info', pattern: 'GET /api/v1/products <_>', each: 50 },
    { service: 'order', level: 'error', pattern: 'POST /api/v1/orders <_> of <_>', each: 5 },
    { service: 'user', level: 'warn', pattern: 'slow query <_>ms', each: 1 },
  ].filter((one) => scenario !== 'empty' && (level === '' || level.split(',').includes(one.level)));
  const patterns = all.map(({ each, ...pattern }) => ({
    ...pattern,
    count: each * 10,
    minutes: Array.from({ length: 10 }, (_, index) => [iso(9 - index), each]),
  }));
  const changes = [
    { kind: 'new', service: 'user', level: 'warn', pattern: 'slow query <_>ms', at: iso(3) },
    { kind: 'vanished', service: 'user', level: 'info', pattern: 'heartbeat sent', at: iso(5) },
  ];
  return {
    lines: patterns.reduce((sum, { count }) => sum + count, 0),
    total: patterns.length,
    patterns,
    changes: all.length === 3 ? changes : [],
    warnings: [],
  };
}

/** What Loki's API answers: a line a second; a text is a refusal, undefined another path. */
export function logsAnswer(scenario: Scenario, url: URL): unknown {
  const names = scenario === 'empty' ? [] : namesOf(scenario);
  if (url.pathname === '/loki/api/v1/label/service_name/values') return { status: 'success', data: names };
  const query = url.searchParams.get('query') ?? '';
  if (url.pathname === '/loki/api/v1/format_query') return { status: 'success', data: query };
  if (url.pathname === '/loki/api/v1/detected_fields') return fieldsAnswer(scenario);
  if (url.pathname === '/loki/api/v1/query') return servicesAnswer(names);
  if (url.pathname === '/api/logs/patterns') return patternsAnswer(scenario, url);
  if (url.pathname !== '/loki/api/v1/query_range') return undefined;
  const missing = query.indexOf('" |=');
  if (query.startsWith('{') && !query.includes('}'))
    return `parse error at line 1, col ${missing + 3}: syntax error: unexpected |=, expecting } or ,\n`;
  const counts = query.startsWith('sum');
  const result = scenario === 'empty' ? [] : counts ? countsOf(url, names) : streamsOf(url, names);
  return { status: 'success', data: { resultType: counts ? 'matrix' : 'streams', result } };
}
