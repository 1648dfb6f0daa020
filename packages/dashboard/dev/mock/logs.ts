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
  for (let at = (BigInt(of('end')) - 1n) / NANOS; at * NANOS >= BigInt(of('start')) && left > 0; at--) {
    const line = lineAt(at, names);
    if (!keep(line)) continue;
    left--;
    found.set(line.service, [...(found.get(line.service) ?? []), line.entry]);
  }
  return [...found].map(([name, values]) => ({ stream: { service_name: name }, values }));
}

function countsOf(url: URL, names: readonly string[]) {
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

/** What Loki's API answers: a line a second; a text is a refusal, undefined another path. */
export function logsAnswer(scenario: Scenario, url: URL): unknown {
  const names = scenario === 'empty' ? [] : namesOf(scenario);
  if (url.pathname === '/loki/api/v1/label/service_name/values') return { status: 'success', data: names };
  if (url.pathname !== '/loki/api/v1/query_range') return undefined;
  const query = url.searchParams.get('query') ?? '';
  const missing = query.indexOf('" |=');
  if (query.startsWith('{') && !query.includes('}'))
    return `parse error at line 1, col ${missing + 3}: syntax error: unexpected |=, expecting } or ,\n`;
  const counts = query.startsWith('sum');
  const result = scenario === 'empty' ? [] : counts ? countsOf(url, names) : streamsOf(url, names);
  return { status: 'success', data: { resultType: counts ? 'matrix' : 'streams', result } };
}
