import { Labels } from '@pharos/promql';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, engineErrors } from '../../../engine/index.ts';
import { openTestEngine, type TestEngine } from '../../../engine/testing/open.ts';
import { BLUE, openTestApp } from '../../../http/testing/test-app.ts';
import type { HttpApp } from '../../../http/types.ts';
import { createMemoryJournal, flushTables } from '../../../journal/testing/index.ts';
import { ManualClock } from '../../../kernel/clock.ts';
import { silentLog } from '../../../kernel/log.ts';
import { createServiceNames } from '../../../kernel/names.ts';
import { createTelemetry } from '../../../kernel/telemetry.ts';
import { logsSection } from '../../config.ts';
import { createLogsStore, type LogsStore } from '../../store/store.ts';
import { logsTables } from '../../tables.ts';
import { timeOfNanos } from '../../time.ts';
import { lokiQueryApi } from './api.ts';

const NOW = 1_767_225_600_000;
const SECOND = 1_000_000_000n;
const at = (secondsAgo: number): bigint => BigInt(NOW) * 1_000_000n - BigInt(secondsAgo) * SECOND;

let engine: TestEngine;
let app: HttpApp;
/** While set, the engine's answer is awaited by whoever asks. */
let engineState: 'ready' | 'down' = 'ready';

beforeAll(async () => {
  engine = await openTestEngine(logsTables);
  const journal = createMemoryJournal();
  const { engine: real } = engine;
  const switched: Engine = {
    query: (...of) =>
      engineState === 'ready'
        ? real.query(...of)
        : Promise.reject(engineErrors.make('gone', 'the engine is down')),
    execute: (...of) => real.execute(...of),
    insert: (...of) => real.insert(...of),
    state: () => engineState,
    onState: (listener) => real.onState(listener),
  };
  const clock = new ManualClock(NOW);
  const telemetry = createTelemetry();
  const config = logsSection.schema.parse({ query: { max_concurrency: 1 }, newest_memory: 0 });
  const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const store = await createLogsStore({
    engine: switched,
    journal,
    clock,
    names: createServiceNames(new Map()),
    telemetry,
    log: silentLog,
    config,
    breathe,
  });
  await store.service.start?.(new AbortController().signal);
  await push(store, 'default', LINES.slice(0, 40));
  await flushTables(real, journal, logsTables);
  await push(store, 'default', LINES.slice(40));
  await push(store, 'blue', [[{ app: 'blue' }, at(1), 'blue line', []]]);
  const build = { version: '1', runtime: 'v20' };
  app = await openTestApp([lokiQueryApi({ store, clock, config, build, breathe })]);
});
afterAll(async () => {
  await app.close();
  await engine.close();
});

type Line = readonly [labels: Record<string, string>, time: bigint, line: string, metadata: string[]];

/** 60 lines, a second apart, the newest a second old. */
const LINES: readonly Line[] = Array.from({ length: 60 }, (_, i) => [
  { app: i % 3 === 0 ? 'cart' : 'auth', env: 'prod' },
  at(60 - i),
  i % 2 === 0 ? `level=error took=${i}ms` : `{"level":"info","user":{"id":${i}}}`,
  i % 4 === 0 ? ['trace_id', `t${i}`] : [],
]);

async function push(store: LogsStore, tenant: string, lines: readonly Line[]): Promise<void> {
  const appender = store.sink.appender(tenant);
  for (const [labels, time, line, metadata] of lines) {
    const ref = appender.stream(Labels.fromRecord(labels));
    if (typeof ref !== 'number') throw new Error(ref.message);
    const bytes = Buffer.from(line);
    appender.append(ref, { time: timeOfNanos(time), bytes, start: 0, end: bytes.length, metadata });
  }
  await appender.commit();
}

const get = async (
  path: string,
  params: Record<string, string> = {},
  headers: Record<string, string> = {},
) => {
  const query = new URLSearchParams(params).toString();
  const {
    statusCode,
    body,
    headers: got,
  } = await app.inject({
    url: `/loki/api/v1/${path}${query === '' ? '' : `?${query}`}`,
    headers: { host: 'localhost', ...headers },
  });
  return { status: statusCode, body, type: String(got['content-type']) };
};
const json = async (...asked: Parameters<typeof get>): Promise<unknown> => {
  const { status, body } = await get(...asked);
  expect(status, body).toBe(200);
  return JSON.parse(body);
};

describe('query and query_range', () => {
  it('Grafana asks whether all is well (LQ-6)', async () => {
    expect(await json('query', { query: 'vector(1)+vector(1)', time: '4000000000' })).toMatchObject({
      status: 'success',
      data: { resultType: 'vector', result: [{ metric: {}, value: [1704067200 + 2295932800, '2'] }] },
    });
  });

  it('lines come newest first with nanoseconds as text, metadata among the labels (LQ-3, LQ-4)', async () => {
    expect(await json('query_range', { query: '{app="auth"} |= "error"', limit: '2' })).toMatchObject({
      data: {
        resultType: 'streams',
        result: [
          {
            stream: { app: 'auth', env: 'prod', service_name: 'auth', detected_level: 'error' },
            values: [[String(at(2)), 'level=error took=58ms']],
          },
          {
            stream: { app: 'auth', service_name: 'auth', detected_level: 'error', trace_id: 't56' },
            values: [[String(at(4)), 'level=error took=56ms']],
          },
        ],
      },
    });
  });

  it('with categorize-labels streams keep their labels and lines tell the rest (LQ-4)', async () => {
    const { body } = await get(
      'query_range',
      { query: '{app="auth"} |= "error" | logfmt', limit: '2', direction: 'FORWARD' },
      { 'x-loki-response-encoding-flags': 'categorize-labels' },
    );
    expect(body).toContain('"resultType":"streams","encodingFlags":["categorize-labels"],"result":');
    const parsed = { level: 'error', took: '4ms' };
    expect(JSON.parse(body)).toMatchObject({
      data: {
        result: [
          {
            stream: { app: 'auth', env: 'prod', service_name: 'auth' },
            values: [
              [String(at(58)), 'level=error took=2ms', { structuredMetadata: { detected_level: 'error' } }],
              [
                String(at(56)),
                'level=error took=4ms',
                { structuredMetadata: { detected_level: 'error', trace_id: 't4' }, parsed },
              ],
            ],
          },
        ],
      },
    });
  });

  it('counts per step, with true numbers of what was read (LQ-2)', async () => {
    const answer = await json('query_range', {
      query: 'sum by (detected_level) (count_over_time({service_name=~".+"}[30s]))',
      start: String(NOW / 1000 - 31),
      end: String(NOW / 1000 - 1),
      step: '30s',
    });
    expect(answer).toMatchObject({
      data: {
        resultType: 'matrix',
        result: [
          {
            metric: { detected_level: 'error' },
            values: [
              [NOW / 1000 - 31, '15'],
              [NOW / 1000 - 1, '15'],
            ],
          },
          {
            metric: { detected_level: 'info' },
            values: [
              [NOW / 1000 - 31, '15'],
              [NOW / 1000 - 1, '15'],
            ],
          },
        ],
        stats: { summary: { totalLinesProcessed: 40 } },
      },
    });
  });

  it('takes forms, `since` and an interval between lines', async () => {
    const { statusCode, body } = await app.inject({
      method: 'POST',
      url: '/loki/api/v1/query_range?limit=100',
      headers: { host: 'localhost', 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ query: '{app=~".+"}', since: '30s', interval: '10s' }).toString(),
    });
    expect(statusCode, body).toBe(200);
    expect(body.match(/"\d{19}"/g)).toEqual([`"${at(1)}"`, `"${at(11)}"`, `"${at(21)}"`]);
  });

  it.each([
    ['query', { query: '{app="a"}' }, 'log queries are not supported as an instant query type'],
    ['query', {}, 'query: is missing'],
    ['query_range', { query: '{app="a"' }, 'parse error at line 1, col'],
    ['query_range', { query: '{app="a"}', limit: '0' }, 'limit: "0" must be a positive value'],
    ['query_range', { query: '{app="a"}', limit: '5001' }, 'max entries limit per query exceeded'],
    ['query_range', { query: '{app="a"}', start: '5', end: '4' }, 'end timestamp must not be before'],
    ['query_range', { query: '{app="a"}', start: 'soon' }, 'start: "soon" is no time'],
    ['query_range', { query: '{app="a"}', direction: 'up' }, 'direction: "up", expected forward or backward'],
    ['query_range', { query: 'rate({app="a"}[1m])', step: '0' }, 'zero or negative query resolution step'],
    [
      'query_range',
      { query: 'rate({app="a"}[1m])', step: '1ms' },
      'exceeded maximum resolution of 11,000 points',
    ],
    ['query_range', { query: 'rate({app="a"}[800h])' }, 'the query time range exceeds the limit'],
    ['query_range', { query: 'rate({app="auth"} | json [1m])' }, 'pipeline error'],
    ['series', { match: '{app=' }, 'parse error'],
    ['index/volume', { query: '{app="a"} |= "x"' }, 'parse error'],
    ['detected_fields', { query: 'rate({app="auth"}[1m])' }, ''],
  ])('%s %j is answered 400 in plain text (LQ-5)', async (path, params, text) => {
    const { status, body, type } = await get(path, params);
    expect({ status, type }).toEqual({ status: 400, type: 'text/plain; charset=utf-8' });
    expect(body).toContain(text);
  });

  it('never fails inside, whatever is asked', async () => {
    const text = fc.oneof(
      fc.constantFrom(
        '',
        '{app="a"}',
        'rate({app="a"}[1m])',
        '5',
        '-1',
        '1e400',
        'NaN',
        '9223372036854775808',
      ),
      fc.string({ maxLength: 20 }),
      fc.integer().map(String),
    );
    const names = [
      'query',
      'start',
      'end',
      'since',
      'limit',
      'step',
      'interval',
      'direction',
      'match',
      'targetLabels',
      'line_limit',
      'time',
    ];
    const paths = [
      'query',
      'query_range',
      'labels',
      'label/app/values',
      'series',
      'index/stats',
      'index/volume',
      'index/volume_range',
      'detected_labels',
      'detected_fields',
      'format_query',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        fc.dictionary(fc.constantFrom(...names), text, { noNullPrototype: true }),
        async (path, params) => {
          const { status, body } = await get(path, params);
          expect([200, 400], body).toContain(status);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('labels', () => {
  it('names, values and series, of a selector or of all; `data` is absent where there is none', async () => {
    expect(await json('labels')).toEqual({ status: 'success', data: ['app', 'env', 'service_name'] });
    expect(await json('label/app/values')).toEqual({ status: 'success', data: ['auth', 'cart'] });
    expect(await json('label/app/values', { query: '{app=~"au.*"}' })).toEqual({
      status: 'success',
      data: ['auth'],
    });
    expect(await json('label/nope/values')).toEqual({ status: 'success' });
    expect(await json('labels', { start: '5', end: '6' })).toEqual({ status: 'success' });
    expect(await json('series', { match: '{app="cart"}' })).toEqual({
      status: 'success',
      data: [{ app: 'cart', env: 'prod', service_name: 'cart' }],
    });
    expect(await json('series')).toMatchObject({ data: [{ app: 'auth' }, { app: 'cart' }] });
  });

  it('each tenant sees its own (X-Scope-OrgID)', async () => {
    expect(await json('label/app/values', {}, BLUE)).toEqual({ status: 'success', data: ['blue'] });
    expect(await json('query_range', { query: '{app=~".+"}' }, BLUE)).toMatchObject({
      data: { result: [{ values: [[String(at(1)), 'blue line']] }] },
    });
  });
});

describe('volume and fields', () => {
  it('index/stats counts lines and bytes, engine and memory once', async () => {
    const bytes = LINES.reduce((sum, [, , line]) => sum + line.length, 0);
    expect(await json('index/stats', { query: '{env="prod"}' })).toEqual({
      streams: 2,
      chunks: 2,
      bytes,
      entries: 60,
    });
    // Over 104 days nanoseconds are no exact numbers any more.
    const years = { query: '{env="prod"}', start: '1', end: String(NOW * 1e6) };
    expect(await json('index/stats', years)).toMatchObject({ streams: 2, bytes, entries: 60 });
    expect(await json('index/volume', years)).toMatchObject({
      data: { result: [{ value: [NOW / 1000, String(bytes)] }] },
    });
    expect(await json('index/stats', { query: '{env="no"}' })).toEqual({
      streams: 0,
      chunks: 0,
      bytes: 0,
      entries: 0,
    });
  });

  it('index/volume is largest first, by the labels asked for', async () => {
    const bytesOf = (app: string): string =>
      String(
        LINES.filter(([labels]) => labels['app'] === app).reduce((sum, [, , line]) => sum + line.length, 0),
      );
    const result = [
      { metric: { app: 'auth' }, value: [NOW / 1000, bytesOf('auth')] },
      { metric: { app: 'cart' }, value: [NOW / 1000, bytesOf('cart')] },
    ];
    expect(await json('index/volume', { query: '{app=~".+"}' })).toEqual({
      status: 'success',
      data: { resultType: 'vector', result },
    });
    expect(
      await json('index/volume', { query: '{env="prod"}', targetLabels: 'app', limit: '1' }),
    ).toMatchObject({
      data: { result: [result[0]] },
    });
    expect(await json('index/volume', { query: '{app=~".+"}', aggregateBy: 'labels' })).toMatchObject({
      data: { result: [{ metric: { app: '' } }] },
    });
    const range = {
      start: String(NOW / 1000 - 60),
      end: String(NOW / 1000),
      step: '30',
      query: '{env="prod"}',
    };
    const perStep = (from: number): string =>
      String(LINES.slice(from, from + 30).reduce((sum, [, , line]) => sum + line.length, 0));
    expect(await json('index/volume_range', range)).toMatchObject({
      data: {
        resultType: 'matrix',
        result: [
          {
            metric: { env: 'prod' },
            values: [
              [NOW / 1000 - 60, perStep(0)],
              [NOW / 1000 - 30, perStep(30)],
            ],
          },
        ],
      },
    });
  });

  it('fields are seen in metadata, JSON and logfmt, with their types', async () => {
    expect(await json('detected_labels')).toEqual({
      detectedLabels: [
        { label: 'app', cardinality: 2 },
        { label: 'env', cardinality: 1 },
        { label: 'service_name', cardinality: 2 },
      ],
    });
    const counted = (await json('detected_fields', { query: '{app=~".+"}', values: '2' })) as {
      lines: number;
      fields: { label: string; isLabel: boolean; values: { value: string; count: number }[] }[];
    };
    const app = counted.fields.find(({ label }) => label === 'app');
    expect(app).toMatchObject({ isLabel: true, cardinality: 2, parsers: null });
    expect(app?.values.map(({ value }) => value).sort()).toEqual(['auth', 'cart']);
    expect(app?.values.reduce((sum, { count }) => sum + count, 0)).toBe(counted.lines);
    expect(counted.fields.find(({ label }) => label === 'took')).toMatchObject({ isLabel: false });
    const { fields } = (await json('detected_fields', { query: '{app=~".+"} # all' })) as {
      fields: { label: string }[];
    };
    expect(fields.sort((a, b) => (a.label < b.label ? -1 : 1))).toEqual([
      { label: 'detected_level', type: 'string', cardinality: 2, parsers: null },
      { label: 'level', type: 'string', cardinality: 2, parsers: ['json', 'logfmt'] },
      { label: 'took', type: 'duration', cardinality: 30, parsers: ['logfmt'] },
      { label: 'trace_id', type: 'string', cardinality: 15, parsers: null },
      { label: 'user_id', type: 'int', cardinality: 30, parsers: ['json'] },
    ]);
    expect(await json('detected_field/level/values', { query: '{app=~".+"}' })).toEqual({
      values: ['error', 'info'],
      limit: 1000,
    });
  });
});

it('queries are formatted, versions told, deletions refused', async () => {
  expect(await json('format_query', { query: '{ app="a" }|="x"' })).toEqual({
    status: 'success',
    data: '{app="a"} |= "x"',
  });
  expect(await json('status/buildinfo')).toMatchObject({ version: '3.5.0' });
  expect(await json('delete')).toEqual([]);
  const refused = await app.inject({
    method: 'POST',
    url: '/loki/api/v1/delete',
    headers: { host: 'localhost' },
  });
  expect([refused.statusCode, refused.body]).toEqual([
    501,
    'single log lines are not deleted; lines leave by retention, storage.retention.logs\n',
  ]);
});

it('without the engine recent lines are answered, with a warning', async () => {
  engineState = 'down';
  const answer = await json('query_range', { query: '{app=~".+"}', limit: '100' });
  engineState = 'ready';
  const { warnings, data } = answer as { warnings: string[]; data: { result: { values: unknown[] }[] } };
  expect(warnings).toHaveLength(1);
  expect(data.result.flatMap(({ values }) => values)).toHaveLength(20);
});
