import { Labels, type Queryable } from '@pharos/promql';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOOPBACK_NAMES } from '../../http/gate.ts';
import { addApi, createHttpApp } from '../../http/server.ts';
import { httpTelemetry } from '../../http/telemetry.ts';
import type { HttpApp } from '../../http/types.ts';
import { createMemoryJournal, openTestState } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { Notifications } from '../../kernel/notifications.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { metricsSection } from '../config.ts';
import { metricsErrors } from '../errors.ts';
import { relabelConfigSchema } from '../relabel/config.ts';
import { createMetricsStore, type MetricsStore } from '../store/store.ts';
import { stateOnlyEngine } from '../store/testing/fake-engine.ts';
import { apiSurroundings } from '../testing/prometheus_api.ts';
import { metricsQueryEngine, prometheusApis } from './prometheus.ts';
import type { Lifecycle } from './prometheus-lifecycle.ts';

const NOW = 1_700_000_000_000;
let app: HttpApp;
let store: MetricsStore;
let ready = true;
const clock = new ManualClock(NOW);
let telemetry = createTelemetry();
let notifications = new Notifications(() => NOW);
let adminEnabled = false;
let lifecycle: Lifecycle = apiSurroundings(NOW).lifecycle;

async function start(
  settings: object = {},
  queryable?: Queryable,
  labels?: Partial<MetricsStore['labels']>,
): Promise<void> {
  const config = metricsSection.schema.parse(settings);
  telemetry = createTelemetry();
  notifications = new Notifications(() => NOW);
  const real = await createMetricsStore({
    engine: stateOnlyEngine('ready'),
    journal: createMemoryJournal(),
    clock,
    telemetry,
    log: silentLog,
    config,
    state: await openTestState(),
  });
  store = queryable === undefined ? real : { ...real, queryable: () => queryable };
  Object.assign(store.labels, labels);
  app = await createHttpApp({
    policy: { allowedHosts: new Set(LOOPBACK_NAMES), allowedOrigins: new Set(), loginRequired: false },
    authenticator: { authenticate: () => Promise.resolve(null) },
    metrics: httpTelemetry(createTelemetry()),
    log: silentLog,
    maxBody: 1_000_000,
    maxBodiesInFlight: 2_000_000,
  });
  const target = {
    labels: Labels.fromRecord({ job: 'a', instance: 'x' }),
    discoveredLabels: Labels.fromRecord({ __address__: 'x' }),
    scrapePool: 'a',
    scrapeUrl: 'http://x/metrics',
    globalUrl: 'http://x/metrics',
    lastError: '',
    lastScrape: null,
    lastScrapeDuration: 0,
    health: 'unknown' as const,
    scrapeInterval: '15s',
    scrapeTimeout: '10s',
    series: 3,
    limits: [],
    metadata: new Map([['up', { type: 'gauge' as const, help: 'h', unit: '' }]]),
  };
  const apis = prometheusApis({
    store,
    engine: metricsQueryEngine(config, clock),
    clock,
    config,
    targets: {
      scrapePools: () => ['a'],
      activeTargets: () => [target],
      droppedTargets: () => [{ discoveredLabels: Labels.EMPTY, scrapePool: 'a' }],
      droppedTargetCounts: () => new Map([['a', 1]]),
      relabelRules: (pool) =>
        pool === 'a'
          ? [
              relabelConfigSchema.parse({ target_label: 'x', replacement: '1' }),
              relabelConfigSchema.parse({ action: 'drop', source_labels: ['y'], regex: 'z' }),
            ]
          : undefined,
    },
    ...apiSurroundings(NOW),
    facts: { ...apiSurroundings(NOW).facts, selfMetrics: () => telemetry.families() },
    notifications,
    lifecycle,
    adminEnabled,
    ready: () => ready,
  });
  for (const api of apis) await addApi(app, api, silentLog);
  await seed();
}

async function seed(): Promise<void> {
  const appender = store.sink.appender({ tenant: 'default' });
  for (const [job, value] of [
    ['a', 1.5],
    ['b', 2],
  ] as const) {
    const ref = appender.resolve(Labels.fromRecord({ __name__: 'up', job, __proto__x: 'y' }));
    for (let i = 0; i < 5; i++) appender.append(ref, NOW - 60_000 + i * 15_000, value + i);
  }
  const odd = appender.resolve(Labels.fromRecord({ __name__: 'metric.name', 'label.x': 'quote" \\ \n ü' }));
  appender.append(odd, NOW, 1e-7);
  await appender.commit();
}

beforeEach(() => start());
afterEach(() => app.close());

async function get(url: string) {
  const answer = await app.inject({ url });
  return { status: answer.statusCode, text: answer.body, headers: answer.headers };
}

async function form(url: string, body: string) {
  const answer = await app.inject({
    method: 'POST',
    url,
    payload: body,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  return { status: answer.statusCode, text: answer.body };
}

const T = NOW / 1000;

describe('queries', () => {
  it('answers an instant vector, key order and number format as Prometheus', async () => {
    const { text, status, headers } = await get(`/api/v1/query?query=up{job="a"}&time=${T}.0004`);
    expect(status).toBe(200);
    expect(headers['content-type']).toContain('application/json');
    expect(text).toBe(
      `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up","__proto__x":"y","job":"a"},"value":[${T},"5.5"]}]}}`,
    );
  });

  it('answers the health check, scalars, strings and raw ranges', async () => {
    expect((await get('/api/v1/query?query=1%2B1&time=4.5')).text).toBe(
      '{"status":"success","data":{"resultType":"scalar","result":[4.5,"2"]}}',
    );
    expect((await get('/api/v1/query?query=%22a%22&time=4.5')).text).toContain('"string","result":[4.5,"a"]');
    const { text } = await get(`/api/v1/query?query=up{job="a"}[30s]&time=${T}`);
    expect(JSON.parse(text).data.result[0].values).toEqual([
      [T - 15, '4.5'],
      [T, '5.5'],
    ]);
    expect((await get(`/api/v1/query?query={"metric.name"}&time=${T}`)).text).toContain('"1e-07"');
    expect((await get(`/api/v1/query?query=nothing&time=${T}`)).text).toContain('"result":[]');
  });

  it('answers a range as a matrix sorted by labels, by GET and by form', async () => {
    const range = `query=up&start=${T - 30}&end=${T}&step=15`;
    const one = await get(`/api/v1/query_range?${range}`);
    expect(JSON.parse(one.text).data).toEqual({
      resultType: 'matrix',
      result: ['a', 'b'].map((job, i) => ({
        metric: { __name__: 'up', __proto__x: 'y', job },
        values: [3, 4, 5].map((n) => [T - 75 + n * 15, String(n + (i === 0 ? 0.5 : 1))]),
      })),
    });
    expect((await form('/api/v1/query_range', range)).text).toBe(one.text);
    expect((await form(`/api/v1/query_range?start=${T - 30}&end=${T}`, 'query=up&step=15s')).text).toBe(
      one.text,
    );
  });

  it('takes an empty JSON body with the parameters in the URL (X-3)', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: `/api/v1/query?query=up&time=${T}&step=300s`,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.statusCode).toBe(200);
  });

  it.each([
    [
      'query?query=up&time=abc',
      400,
      'bad_data',
      `invalid parameter "time": Invalid time value for 'time': cannot parse "abc" to a valid timestamp`,
    ],
    [
      'query?query=up{',
      400,
      'bad_data',
      'invalid parameter "query": 1:4: parse error: unexpected end of input inside braces',
    ],
    [
      'query_range?query=up&start=1&end=0&step=1',
      400,
      'bad_data',
      'invalid parameter "end": end timestamp must not be before start time',
    ],
    [
      'query_range?query=up&start=0&end=1&step=0',
      400,
      'bad_data',
      'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    ],
    [
      'query_range?query=up&start=0&end=1&step=x',
      400,
      'bad_data',
      'invalid parameter "step": cannot parse "x" to a valid duration',
    ],
    [
      'query_range?query=up&end=1&step=1',
      400,
      'bad_data',
      'invalid parameter "start": cannot parse "" to a valid timestamp',
    ],
    [
      'query_range?query=up&start=0&end=11001&step=1',
      400,
      'bad_data',
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    ],
    ['series', 400, 'bad_data', 'no match[] parameter provided'],
    [
      'series?match[]={job=~".*"}',
      400,
      'bad_data',
      'invalid parameter "match[]": 1:1: parse error: vector selector must contain at least one non-empty matcher',
    ],
    [
      'query_exemplars?query=up&start=2&end=1',
      400,
      'bad_data',
      'invalid parameter "end": end timestamp must not be before start timestamp',
    ],
    [
      'query_exemplars?query=up{',
      400,
      'bad_data',
      'invalid parameter "query": 1:4: parse error: unexpected end of input inside braces',
    ],
    ['labels?limit=-1', 400, 'bad_data', 'invalid parameter "limit": limit must be non-negative'],
    [
      'label/U__a_zz/values?start=x',
      400,
      'bad_data',
      `invalid parameter "start": Invalid time value for 'start': cannot parse "x" to a valid timestamp`,
    ],
    ['rules?type=x', 400, 'bad_data', 'invalid parameter "type": not supported value "x"'],
    [
      'rules?exclude_alerts=x',
      400,
      'bad_data',
      'invalid parameter "exclude_alerts": cannot parse "x" as true or false',
    ],
    [
      'rules?group_next_token=x',
      400,
      'bad_data',
      'invalid parameter "group_limit": group_limit needs to be present in order to paginate over the groups',
    ],
    [
      'rules?group_limit=1&group_next_token=x',
      400,
      'bad_data',
      `invalid parameter "group_next_token": invalid group_next_token 'x'. were rule groups changed?`,
    ],
    [
      'rules?group_limit=0',
      400,
      'bad_data',
      'invalid parameter "group_limit": group_limit needs to be a valid number greater than 0',
    ],
    ['targets/metadata?limit=x', 400, 'bad_data', 'limit must be a number'],
    ['targets/metadata?metric=down', 404, 'not_found', 'specified metadata not found'],
    ['targets/metadata?match_target={job="b"}', 404, 'not_found', 'specified metadata not found'],
    ['targets/relabel_steps', 400, 'bad_data', 'no scrapePool parameter provided'],
    ['targets/relabel_steps?scrapePool=a', 400, 'bad_data', 'no labels parameter provided'],
    [
      'targets/relabel_steps?scrapePool=a&labels=x',
      400,
      'bad_data',
      'error parsing labels: expected a JSON object',
    ],
    [
      'targets/relabel_steps?scrapePool=a&labels=[]',
      400,
      'bad_data',
      'error parsing labels: expected a JSON object whose values are texts',
    ],
    [
      'targets/relabel_steps?scrapePool=b&labels={}',
      400,
      'bad_data',
      'error retrieving scrape config: unknown scrape pool "b"',
    ],
    ['status/tsdb?limit=0', 400, 'bad_data', 'invalid parameter "limit": limit must be a positive number'],
    ['status/tsdb?limit=10001', 400, 'bad_data', 'invalid parameter "limit": limit must not exceed 10000'],
    [
      'status/self_metrics?metric_name_pattern=(',
      400,
      'bad_data',
      'invalid parameter "metric_name_pattern": "(" is not a valid RE2 pattern',
    ],
  ])('%s is refused with its status, type and text', async (url, status, errorType, error) => {
    const answer = await get(`/api/v1/${url}`);
    expect(JSON.parse(answer.text)).toEqual({ status: 'error', errorType, error });
    expect(answer.status).toBe(status);
  });

  it('answers an evaluation error with 422', async () => {
    const { status, text } = await get(`/api/v1/query?query=up*on(x)up&time=${T}`);
    expect([status, JSON.parse(text).errorType]).toEqual([422, 'execution']);
  });

  it('takes downsample=auto and never, and says what else it was given', async () => {
    for (const word of ['auto', 'never'])
      expect((await get(`/api/v1/query?query=up&time=${T}&downsample=${word}`)).status).toBe(200);
    const refused = await get(`/api/v1/query_range?query=up&start=${T}&end=${T}&step=1&downsample=raw`);
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('unknown value \\"raw\\" for downsample; expected auto or never');
  });

  it('cuts at the limit with a warning, and adds statistics when asked', async () => {
    const cut = JSON.parse((await get(`/api/v1/query?query=up&time=${T}&limit=1`)).text);
    expect([cut.data.result.length, cut.warnings]).toEqual([1, ['results truncated due to limit']]);
    const stats = JSON.parse((await get(`/api/v1/query?query=up&time=${T}&stats=true`)).text).data.stats;
    expect(Object.keys(stats)).toEqual(['timings', 'samples']);
    expect(stats.samples.totalQueryableSamples).toBeGreaterThan(0);
  });

  it('explains what a query read from where, when asked', async () => {
    const asked = `/api/v1/query?query=count(up{job="a"})%2bcount(nothing)&time=${T}&explain=true`;
    const { explain } = JSON.parse((await get(asked)).text).data.stats;
    expect(explain).toMatchObject({
      id: expect.stringMatching(/^q-\d+$/),
      selections: [
        { selector: 'up{job="a"}', from: 'head', series: 1, samples: 5 },
        { selector: 'nothing', from: 'head', series: 0, samples: 0 },
      ],
      statements: [],
      statementsLeftOut: 0,
    });
  });

  it('refuses what does not fit beside the running and the waiting queries', async () => {
    await app.close();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await start({ query: { max_concurrency: 1 } }, { select: async () => held.then(() => ({ series: [] })) });
    const answers = [1, 2, 3].map(() => app.inject({ url: '/api/v1/query?query=up' }));
    const refused = await Promise.race(answers);
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '1']);
    expect(refused.json().errorType).toBe('unavailable');
    release();
    expect((await Promise.all(answers)).map((a) => a.statusCode).sort((a, b) => a - b)).toEqual([
      200, 200, 503,
    ]);
  });

  it('refuses questions for series and names beyond those that run and wait, which no query keeps waiting', async () => {
    await app.close();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await start(
      { query: { max_concurrency: 1 } },
      { select: async () => held.then(() => ({ series: [] })) },
      { series: async () => held.then(() => ({ items: [], warnings: [] })) },
    );
    const queries = [1, 2].map(() => app.inject({ url: '/api/v1/query?query=up' }));
    const answers = [1, 2, 3].map(() => app.inject({ url: '/api/v1/series?match[]=up' }));
    const refused = await Promise.race([...queries, ...answers]);
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '1']);
    release();
    const codes = async (of: typeof answers) =>
      (await Promise.all(of)).map((a) => a.statusCode).sort((a, b) => a - b);
    expect(await codes(answers)).toEqual([200, 200, 503]);
    expect(await codes(queries)).toEqual([200, 200]);
    expect((await get('/api/v1/labels')).status).toBe(200);
  });

  it('gives up when the time is over', async () => {
    await app.close();
    await start(
      {},
      {
        select: (_request, signal) =>
          new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
      },
    );
    const answer = app.inject({ url: '/api/v1/query?query=up&timeout=5s' });
    let settled = false;
    void answer.then(() => (settled = true));
    while (!settled) {
      await clock.advance(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { statusCode, body } = await answer;
    expect([statusCode, JSON.parse(body).errorType]).toEqual([503, 'timeout']);
  });

  it('stops a query whose client has left', async () => {
    await app.close();
    let asked = (): void => {};
    let stopped = (): void => {};
    const running = new Promise<void>((resolve) => (asked = resolve));
    const aborted = new Promise<void>((resolve) => (stopped = resolve));
    await start(
      {},
      {
        select: (_request, signal) =>
          new Promise((_resolve, reject) => {
            asked();
            signal?.addEventListener('abort', () => {
              stopped();
              reject(signal.reason);
            });
          }),
      },
    );
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const client = new AbortController();
    const answer = fetch(`${address}/api/v1/query?query=up`, { signal: client.signal });
    await running;
    client.abort();
    await expect(answer).rejects.toThrow();
    await aborted;
  });

  it('refuses a query over the limits of samples and series', async () => {
    for (const query of [{ max_samples: 3 }, { max_series: 1 }]) {
      await app.close();
      await start({ query });
      const { status, text } = await get(`/api/v1/query?query=up[1h]&time=${T}`);
      expect([status, JSON.parse(text).errorType]).toEqual([422, 'execution']);
    }
  });

  it('answers exemplars of the series a query reads, key order and number format as Prometheus', async () => {
    const appender = store.sink.appender({ tenant: 'default' });
    const ref = appender.resolve(Labels.fromRecord({ __name__: 'up', job: 'a', __proto__x: 'y' }));
    const labels = Labels.fromRecord({ trace_id: 'abc' });
    appender.appendExemplar(ref, { labels, value: 0.5, timestamp: NOW - 1500 });
    appender.appendExemplar(ref, { labels, value: Number.POSITIVE_INFINITY, timestamp: NOW });
    await appender.commit();
    const window = `start=${T - 60}&end=${T}`;
    const query = encodeURIComponent('rate(up{job="a"}[5m]) / nothing');
    const one = await get(`/api/v1/query_exemplars?query=${query}&${window}`);
    // The engine of these tests answers nothing, which stands in the warnings behind the data.
    expect(one.text).toContain(
      `{"status":"success","data":[{"seriesLabels":{"__name__":"up","__proto__x":"y","job":"a"},"exemplars":[{"labels":{"trace_id":"abc"},"value":"0.5","timestamp":${T - 1.5}},{"labels":{"trace_id":"abc"},"value":"+Inf","timestamp":${T}}]}]`,
    );
    expect((await form('/api/v1/query_exemplars', `query=${query}&${window}`)).text).toBe(one.text);
    const none = await get(`/api/v1/query_exemplars?query=up{job="b"}&${window}`);
    expect(JSON.parse(none.text).data).toEqual([]);
  });

  it('formats and parses queries', async () => {
    expect(JSON.parse((await get('/api/v1/format_query?query=foo%2Fbar')).text).data).toBe('foo / bar');
    const tree = JSON.parse((await get('/api/v1/parse_query?query=sum(rate(up%5B5m%5D))')).text).data;
    expect([tree.type, tree.expr.type, tree.expr.args[0].range]).toEqual(['aggregation', 'call', 300_000]);
  });
});

describe('labels', () => {
  it('lists series, names and values, UTF-8 ones too', async () => {
    expect(JSON.parse((await get('/api/v1/series?match[]=up{job="b"}')).text).data).toEqual([
      { __name__: 'up', __proto__x: 'y', job: 'b' },
    ]);
    expect(JSON.parse((await form('/api/v1/labels', 'match[]=up&match[]=nothing')).text).data).toEqual([
      '__name__',
      '__proto__x',
      'job',
    ]);
    expect(JSON.parse((await get('/api/v1/label/job/values?limit=1')).text)).toMatchObject({
      data: ['a'],
      warnings: ['results truncated due to limit'],
    });
    expect(JSON.parse((await get('/api/v1/label/U__label_2e_x/values')).text).data).toEqual([
      'quote" \\ \n ü',
    ]);
    expect(JSON.parse((await get(`/api/v1/label/job/values?end=${T - 1000}`)).text).data).toEqual([]);
  });

  it('tells metadata', async () => {
    store.metadata.record('default', 'up', { type: 'gauge', help: 'h', unit: '' });
    expect(JSON.parse((await get('/api/v1/metadata')).text).data).toEqual({
      up: [{ type: 'gauge', help: 'h', unit: '' }],
    });
    expect(JSON.parse((await get('/api/v1/metadata?metric=x')).text).data).toEqual({});
  });
});

describe('status', () => {
  it('tells targets, pools and dropped ones', async () => {
    const all = JSON.parse((await get('/api/v1/targets')).text).data;
    expect(all.activeTargets[0]).toMatchObject({ health: 'unknown', lastScrape: '0001-01-01T00:00:00Z' });
    expect(all.droppedTargetCounts).toEqual({ a: 1 });
    expect(JSON.parse((await get('/api/v1/targets?state=active&scrapePool=b')).text).data).toMatchObject({
      activeTargets: [],
      droppedTargets: [],
    });
    expect(JSON.parse((await get('/api/v1/scrape_pools')).text).data).toEqual({ scrapePools: ['a'] });
  });

  it('answers the status pages', async () => {
    for (const page of ['buildinfo', 'config', 'flags', 'runtimeinfo', 'tsdb?limit=3'])
      expect((await get(`/api/v1/status/${page}`)).status).toBe(200);
    expect((await get('/api/v1/status/buildinfo')).text).not.toContain('features');
    expect(JSON.parse((await get('/api/v1/status/tsdb')).text).data.headStats.numSeries).toBe(3);
  });

  it('takes experimental PromQL only where it is allowed', async () => {
    const refused = await get('/api/v1/query?query=max_of(1,2)');
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('promql-experimental-functions');
    await app.close();
    await start({ query: { experimental: ['functions', 'duration_expressions', 'trim_operators'] } });
    expect(JSON.parse((await get('/api/v1/query?query=max_of(1,2)')).text).data.result[1]).toBe('2');
    const parsed = JSON.parse((await get('/api/v1/parse_query?query=up[5m*2]')).text);
    expect(parsed.data.type).toBe('matrixSelector');
    const trim = JSON.parse((await get(`/api/v1/format_query?query=${encodeURIComponent('a</1')}`)).text);
    expect(trim.data).toBe('a </ 1');
    expect(JSON.parse((await get('/api/v1/features')).text).data.promql_functions.mad_over_time).toBe(true);
  });

  it('tells start_timestamp() of the start times that came with the samples', async () => {
    await app.close();
    await start({ query: { experimental: ['functions'] } });
    const appender = store.sink.appender({ tenant: 'default' });
    const ref = appender.resolve(Labels.fromRecord({ __name__: 'begun' }));
    appender.append(ref, NOW, 5, NOW - 90_500);
    await appender.commit();
    const answer = await get(`/api/v1/query?query=start_timestamp(begun)&time=${T}`);
    expect(JSON.parse(answer.text).data.result).toEqual([{ metric: {}, value: [T, String(T - 90.5)] }]);
  });

  it('answers every other page of compat section 2 in its shape', async () => {
    const data = async (page: string): Promise<unknown> =>
      JSON.parse((await get(`/api/v1/${page}`)).text).data;
    expect(await data('rules?type=alert&match[]={a="b"}&exclude_alerts=true')).toEqual({ groups: [] });
    expect(await data('alerts')).toEqual({ alerts: [] });
    expect(await data('alertmanagers')).toEqual({ activeAlertmanagers: [], droppedAlertmanagers: [] });
    expect(await data('status/tsdb/blocks')).toEqual({ blocks: [] });
    expect(await data('status/walreplay')).toEqual({ min: 0, max: 0, current: 0 });
    expect(await data('features')).toMatchObject({
      api: { admin: false },
      promql_functions: { rate: true, mad_over_time: false },
    });
    expect(await data('status/runtimeinfo')).toMatchObject({
      reloadConfigSuccess: true,
      lastConfigTime: new Date(NOW).toISOString(),
    });
    expect(JSON.parse((await get('/version')).text)).toMatchObject({ version: '3.1.0' });
  });

  it('tells what targets say of their metrics, with the name unless it was asked for', async () => {
    const target = { job: 'a', instance: 'x' };
    const one = { target, type: 'gauge', help: 'h', unit: '' };
    expect(JSON.parse((await get('/api/v1/targets/metadata?match_target={job="a"}')).text).data).toEqual([
      { ...one, metric: 'up' },
    ]);
    expect(JSON.parse((await get('/api/v1/targets/metadata?metric=up')).text).data).toEqual([one]);
  });

  it('shows each relabel step, and nothing behind a drop', async () => {
    const labels = encodeURIComponent('{"y":"z","__proto__":"p"}');
    const { text } = await get(`/api/v1/targets/relabel_steps?scrapePool=a&labels=${labels}`);
    const defaults = { separator: ';', regex: '(.*)', replacement: '$1' };
    expect(JSON.parse(text).data.steps).toEqual([
      {
        rule: { ...defaults, action: 'replace', target_label: 'x', replacement: '1' },
        output: expect.objectContaining({ x: '1', y: 'z' }),
        keep: true,
      },
      { rule: { ...defaults, action: 'drop', source_labels: ['y'], regex: 'z' }, output: {}, keep: false },
    ]);
  });

  it('gives its own metrics in the JSON of protobuf', async () => {
    telemetry.counter({ name: 'test_total', help: 't', labels: ['a'] }).inc({ a: 'b' }, 3);
    telemetry.histogram({ name: 'test_seconds', help: 's', buckets: [1] }).observe(2);
    const { text } = await get('/api/v1/status/self_metrics?metric_name_pattern=test_.*');
    expect(JSON.parse(text).data).toEqual([
      {
        name: 'test_total',
        help: 't',
        type: 'COUNTER',
        metric: [{ label: [{ name: 'a', value: 'b' }], counter: { value: 3 } }],
      },
      {
        name: 'test_seconds',
        help: 's',
        type: 'HISTOGRAM',
        metric: [
          {
            label: [],
            histogram: {
              sampleCount: '1',
              sampleSum: 2,
              bucket: [
                { cumulativeCount: '0', upperBound: 1 },
                { cumulativeCount: '1', upperBound: 'Infinity' },
              ],
            },
          },
        ],
      },
    ]);
  });

  it('tells notifications as a list and live', async () => {
    notifications.raise('wrong');
    const shown = { text: 'wrong', date: new Date(NOW).toISOString(), active: true };
    expect(JSON.parse((await get('/api/v1/notifications')).text).data).toEqual([shown]);
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const answer = await fetch(`${address}/api/v1/notifications/live`);
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let heard = '';
    const until = async (text: string): Promise<void> => {
      while (!heard.includes(text)) heard += (await reader?.read())?.value ?? '';
    };
    await until(`data: ${JSON.stringify(shown)}\n\n`);
    notifications.clear('wrong');
    await until(`data: ${JSON.stringify({ ...shown, active: false })}\n\n`);
    // Closing the server ends the stream: the test's own cleanup would hang otherwise.
  });

  it('never answers a page under an API prefix (X-2)', async () => {
    for (const path of ['/api/v1/nothing', '/-/nothing', '/alertmanager/api/v2/status', '/v1/x', '/otlp/x']) {
      const answer = await app.inject({ url: path, headers: { accept: 'text/html' } });
      expect([path, answer.statusCode]).toEqual([path, 404]);
    }
  });

  it('answers the probes, also by HEAD', async () => {
    expect((await get('/-/healthy')).text).toBe('Pharos is Healthy.\n');
    ready = false;
    expect((await get('/-/ready')).status).toBe(503);
    ready = true;
    expect((await app.inject({ method: 'HEAD', url: '/-/ready' })).statusCode).toBe(200);
  });

  it('deletes series only when that is allowed, for the caller, and hides them at once', async () => {
    const post = async (path: string) => {
      const answer = await app.inject({ method: 'POST', url: `/api/v1/admin/tsdb/${path}` });
      return [answer.statusCode, answer.body === '' ? '' : answer.json().error];
    };
    expect(await post('delete_series?match[]=up')).toEqual([403, 'admin APIs disabled']);
    expect(await post('clean_tombstones')).toEqual([403, 'admin APIs disabled']);
    await app.close();
    adminEnabled = true;
    await start();
    adminEnabled = false;
    expect(await post('delete_series')).toEqual([400, 'no match[] parameter provided']);
    expect(await post('delete_series?match[]=up&start=2&end=1')).toEqual([
      400,
      'invalid parameter "end": end timestamp must not be before start time',
    ]);
    expect(await post(`delete_series?match[]=up{job="a"}&end=${T - 31}`)).toEqual([204, '']);
    const { text } = await get(`/api/v1/query?query=count_over_time(up[5m])&time=${T}`);
    const counts = JSON.parse(text).data.result.map(
      ({ metric, value }: { metric: { job: string }; value: [number, string] }) => [metric.job, value[1]],
    );
    expect(counts).toEqual([
      ['a', '3'],
      ['b', '5'],
    ]);
    expect(await post('clean_tombstones')).toEqual([204, '']);
  });

  it('reloads and quits by POST or PUT, and only when that is allowed', async () => {
    const ask = async (method: 'GET' | 'POST' | 'PUT', url: string) => {
      const { statusCode, body } = await app.inject({ method, url });
      return [statusCode, body];
    };
    expect(await ask('GET', '/-/reload')).toEqual([405, 'Only POST or PUT requests allowed']);
    expect(await ask('POST', '/-/reload')).toEqual([403, 'Lifecycle API is not enabled.']);
    await app.close();
    const calls: string[] = [];
    lifecycle = {
      enabled: true,
      reload: () => {
        calls.push('reload');
        return calls.length === 1
          ? Promise.resolve()
          : Promise.reject(metricsErrors.make('badParameter', 'bad file'));
      },
      quit: () => calls.push('quit'),
    };
    await start();
    expect(await ask('POST', '/-/reload')).toEqual([200, '']);
    expect(await ask('PUT', '/-/reload')).toEqual([500, 'failed to reload config: bad file\n']);
    expect(await ask('POST', '/-/quit')).toEqual([200, 'Requesting termination... Goodbye!']);
    expect(calls).toEqual(['reload', 'reload', 'quit']);
    lifecycle = apiSurroundings(NOW).lifecycle;
  });
});

it('answers any parameters with JSON and never with 500', async () => {
  const paths = fc.constantFrom(
    'query',
    'query_range',
    'series',
    'labels',
    'label/a/values',
    'metadata',
    'format_query',
    'query_exemplars',
  );
  const text = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'up', '1e400', '-1', '1h', '{a="b"}', ''));
  const names = fc.constantFrom(
    'query',
    'start',
    'end',
    'step',
    'time',
    'match[]',
    'limit',
    'timeout',
    '__proto__',
  );
  await fc.assert(
    fc.asyncProperty(paths, fc.array(fc.tuple(names, text), { maxLength: 5 }), async (path, pairs) => {
      const params = new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value]));
      const { status, text: body } = await get(`/api/v1/${path}?${params}`);
      const answer = JSON.parse(body) as { status: string; errorType?: string };
      // `timeout=-1` is over before it began, which is 503.
      if (status !== 503) expect(status).toBeLessThan(500);
      else expect(answer.errorType).toBe('timeout');
      expect(['success', 'error']).toContain(answer.status);
    }),
    { numRuns: 150 },
  );
});
