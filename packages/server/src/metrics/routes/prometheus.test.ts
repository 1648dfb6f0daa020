import { Labels, type Queryable } from '@pharos/promql';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOOPBACK_NAMES } from '../../http/gate.ts';
import { addApi, createHttpApp } from '../../http/server.ts';
import { httpTelemetry } from '../../http/telemetry.ts';
import type { HttpApp } from '../../http/types.ts';
import { createMemoryJournal } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { metricsSection } from '../config.ts';
import { createMetricsStore, type MetricsStore } from '../store/store.ts';
import { stateOnlyEngine } from '../store/testing/fake-engine.ts';
import { metricsQueryEngine, prometheusApi } from './prometheus.ts';

const NOW = 1_700_000_000_000;
let app: HttpApp;
let store: MetricsStore;
let ready = true;
const clock = new ManualClock(NOW);

async function start(settings: object = {}, queryable?: Queryable): Promise<void> {
  const config = metricsSection.schema.parse(settings);
  const real = await createMetricsStore({
    engine: stateOnlyEngine('ready'),
    journal: createMemoryJournal(),
    clock,
    telemetry: createTelemetry(),
    log: silentLog,
    config,
  });
  store = queryable === undefined ? real : { ...real, queryable: () => queryable };
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
    health: 'unknown',
    scrapeInterval: '15s',
    scrapeTimeout: '10s',
  };
  const api = prometheusApi({
    store,
    engine: metricsQueryEngine(config, clock),
    clock,
    config,
    targets: {
      scrapePools: () => ['a'],
      activeTargets: () => [target],
      droppedTargets: () => [{ discoveredLabels: Labels.EMPTY, scrapePool: 'a' }],
      droppedTargetCounts: () => new Map([['a', 1]]),
    },
    facts: {
      version: '3.1.0',
      revision: 'r',
      buildDate: 'd',
      runtime: 'node',
      startedAt: NOW,
      workingDirectory: '/',
      configYaml: () => 'a: 1\n',
      flags: { port: '1' },
      retention: '15d',
      hostname: () => 'h',
      now: () => NOW,
    },
    ready: () => ready,
  });
  await addApi(app, api, silentLog);
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
      'invalid parameter "time": cannot parse "abc" to a valid timestamp',
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
    ['labels?limit=-1', 400, 'bad_data', 'invalid parameter "limit": limit must be non-negative'],
    [
      'label/U__a_zz/values?start=x',
      400,
      'bad_data',
      'invalid parameter "start": cannot parse "x" to a valid timestamp',
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

  it('cuts at the limit with a warning, and adds statistics when asked', async () => {
    const cut = JSON.parse((await get(`/api/v1/query?query=up&time=${T}&limit=1`)).text);
    expect([cut.data.result.length, cut.warnings]).toEqual([1, ['results truncated due to limit']]);
    const stats = JSON.parse((await get(`/api/v1/query?query=up&time=${T}&stats=true`)).text).data.stats;
    expect(Object.keys(stats)).toEqual(['timings', 'samples']);
    expect(stats.samples.totalQueryableSamples).toBeGreaterThan(0);
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
    expect((await get('/api/v1/rules')).text).toBe('{"status":"success","data":{"groups":[]}}');
  });

  it('answers the probes, also by HEAD', async () => {
    expect((await get('/-/healthy')).text).toBe('Pharos is Healthy.\n');
    ready = false;
    expect((await get('/-/ready')).status).toBe(503);
    ready = true;
    expect((await app.inject({ method: 'HEAD', url: '/-/ready' })).statusCode).toBe(200);
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
      expect(status).toBeLessThan(500);
      expect(['success', 'error']).toContain(JSON.parse(body).status);
    }),
    { numRuns: 150 },
  );
});
