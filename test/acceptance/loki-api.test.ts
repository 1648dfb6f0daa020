import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { killEngine } from '../support/client.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

/** Requests as Grafana's data source and logcli make them, to the built server. */
let pharos: RunningPharos;
const NOW = Date.now();
const ns = (ms: number): string => `${ms}000000`;

beforeAll(async () => {
  pharos = await startPharosProcess({
    config: 'self_metrics: {enabled: false}\nhost_metrics: {enabled: false}\nstorage: {flush_interval: 1s}\n',
  });
  const values = Array.from({ length: 500 }, (_, i) => [
    ns(NOW - 500 + i),
    i === 250 ? 'level=error the needle' : `level=info line ${i}`,
    { trace_id: `t${i % 3}` },
  ]);
  await push({ app: 'shop', env: 'prod' }, values);
});
afterAll(async () => {
  await pharos.stop();
  await removeData(pharos);
});

async function push(stream: Record<string, string>, values: readonly unknown[]): Promise<void> {
  const { status } = await fetch(`${pharos.url}/loki/api/v1/push`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ streams: [{ stream, values }] }),
  });
  expect(status).toBe(204);
}

const GRAFANA = {
  'x-loki-response-encoding-flags': 'categorize-labels',
  'x-query-tags': 'Source=grafana',
  'x-scope-orgid': 'nobody',
};

async function get(path: string, params: Record<string, string>, headers: Record<string, string> = GRAFANA) {
  const answer = await fetch(`${pharos.url}/loki/api/v1/${path}?${new URLSearchParams(params).toString()}`, {
    headers,
  });
  const body = await answer.text();
  expect(answer.status, body).toBe(200);
  return JSON.parse(body) as unknown;
}

const window = { start: ns(NOW - 3_600_000), end: ns(NOW + 1000) };
const lines = { direction: 'backward', limit: '1000', step: '15000ms', ...window };

it('Grafana: health, label browser, size hint, lines and their volume', async () => {
  expect(
    await get('query', { query: 'vector(1)+vector(1)', time: ns(NOW), direction: 'backward', limit: '1' }),
  ).toMatchObject({
    data: { resultType: 'vector', result: [{ metric: {}, value: [expect.any(Number), '2'] }] },
  });
  expect(await get('labels', window)).toMatchObject({ data: ['app', 'env', 'service_name'] });
  expect(await get('label/app/values', { query: '{env="prod"}', ...window })).toMatchObject({
    data: ['shop'],
  });
  expect(await get('series', { 'match[]': '{app="shop"}', ...window })).toMatchObject({
    data: [{ app: 'shop' }],
  });
  expect(await get('index/stats', { query: '{app="shop"}', ...window })).toMatchObject({
    streams: 1,
    entries: 500,
  });
  const found = await get('query_range', { query: '{app="shop"} |= `needle` | logfmt', ...lines });
  expect(found).toMatchObject({
    data: {
      resultType: 'streams',
      encodingFlags: ['categorize-labels'],
      result: [
        {
          stream: { app: 'shop', env: 'prod', service_name: 'shop' },
          values: [
            [
              ns(NOW - 250),
              'level=error the needle',
              { structuredMetadata: { detected_level: 'error', trace_id: 't1' }, parsed: { level: 'error' } },
            ],
          ],
        },
      ],
      stats: { summary: expect.objectContaining({ totalEntriesReturned: 1 }) as unknown },
    },
  });
  const volume = 'sum by (level, detected_level) (count_over_time({app="shop"} | drop __error__[1h]))';
  expect(await get('query_range', { query: volume, start: ns(NOW), end: ns(NOW), step: '1h' })).toMatchObject(
    {
      data: {
        resultType: 'matrix',
        result: [
          { metric: { detected_level: 'error' }, values: [[expect.any(Number), '1']] },
          { metric: { detected_level: 'info' }, values: [[expect.any(Number), '499']] },
        ],
      },
    },
  );
});

it('the same from memory, from the engine, and after the engine was killed', async () => {
  const query = { query: '{app="shop"} | trace_id="t2" != "needle"', ...lines };
  const before = await get('query_range', query, {});
  const count = (answer: unknown): number =>
    (answer as { data: { result: { values: unknown[] }[] } }).data.result.flatMap(({ values }) => values)
      .length;
  expect(count(before)).toBe(166);
  await killEngine(pharos);
  await vi.waitFor(
    async () => {
      const after = await get('query_range', query, {});
      expect(after).not.toHaveProperty('warnings');
      expect(count(after)).toBe(166);
    },
    { timeout: 20_000, interval: 50 },
  );
});

it('logcli: upper-case directions and a tail that goes on', async () => {
  const asked = { query: '{app="shop"}', limit: '2', direction: 'FORWARD', ...window };
  expect(await get('query_range', asked, {})).toMatchObject({
    data: {
      result: [
        { values: [[ns(NOW - 500), 'level=info line 0']] },
        { values: [[ns(NOW - 499), 'level=info line 1']] },
      ],
    },
  });
  const query = new URLSearchParams({
    query: '{app="tailed"} |= "x"',
    limit: '10',
    delay_for: '0',
    start: ns(NOW),
  });
  const socket = new WebSocket(`${pharos.url.replace('http', 'ws')}/loki/api/v1/tail?${query.toString()}`);
  const seen: string[] = [];
  socket.on('message', (data: Buffer) => {
    const { streams } = JSON.parse(data.toString('utf8')) as { streams: { values: [string, string][] }[] };
    for (const { values } of streams) for (const [, line] of values) seen.push(line);
  });
  await new Promise((resolve) => socket.once('open', resolve));
  for (let i = 0; i < 5; i++)
    await push({ app: 'tailed' }, [
      [ns(Date.now()), `x ${i}`],
      [ns(Date.now()), `y ${i}`],
    ]);
  await vi.waitFor(() => expect(seen).toEqual(['x 0', 'x 1', 'x 2', 'x 3', 'x 4']), { timeout: 30_000 });
  socket.close();
});
