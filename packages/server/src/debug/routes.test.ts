import { Labels } from '@pharos/promql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { engineErrors } from '../engine/index.ts';
import { openTestApp } from '../http/testing/test-app.ts';
import type { HttpApp } from '../http/types.ts';
import { ManualClock } from '../kernel/clock.ts';
import { createLog } from '../kernel/log.ts';
import { LogRing } from '../kernel/log-ring.ts';
import { createServiceNames } from '../kernel/names.ts';
import { createTelemetry } from '../kernel/telemetry.ts';
import type { ActiveTarget } from '../metrics/index.ts';
import type { EngineView } from './engine.ts';
import { debugApi } from './routes.ts';

const NOW = Date.UTC(2026, 0, 2);

const target = (over: Partial<ActiveTarget>, labels: Record<string, string>): ActiveTarget => ({
  labels: Labels.fromMap(new Map(Object.entries(labels))),
  discoveredLabels: Labels.fromMap(new Map()),
  scrapePool: 'shop',
  scrapeUrl: 'http://h:1/metrics',
  globalUrl: 'http://h:1/metrics',
  lastError: '',
  lastScrape: NOW - 5000,
  lastScrapeDuration: 0.25,
  health: 'up',
  scrapeInterval: '5s',
  scrapeTimeout: '4s',
  metadata: new Map(),
  series: 7,
  limits: [],
  ...over,
});

const TARGETS = [
  target({}, { job: 'shop', service: 'order-service', instance: 'h:1' }),
  target(
    {
      health: 'down',
      scrapeUrl: 'http://u:secret-1@h:2/metrics?token=secret-2',
      lastError: 'GET http://u:secret-1@h:2/metrics: refused',
      limits: [{ limit: 'sample_limit', samples: 3, message: 'too many' }],
    },
    { job: 'shop', service: 'order', instance: 'h:2' },
  ),
  target({ scrapePool: 'node', health: 'unknown', lastScrape: null }, { job: 'node', instance: 'h:3' }),
];

let app: HttpApp;
let tables: EngineView['tableUsage'];
const log = new LogRing();
const telemetry = createTelemetry();

beforeAll(async () => {
  const clock = new ManualClock(NOW);
  tables = () => Promise.resolve([{ table: 'samples', rows: 10, parts: 2, bytes: 30, plainBytes: 100 }]);
  app = await openTestApp(
    [
      debugApi({
        clock,
        names: createServiceNames(new Map()),
        isAdmin: (user) => user !== 'reader',
        config: () => ({
          config: { web: { port: 8000, auth: { token: 'secret-3' } }, global: { scrape_interval: 20_000 } },
          written: { web: { auth: { token: 'secret-3' } }, global: { scrape_interval: '20s' } },
          origins: [
            { path: ['web', 'auth', 'token'], from: 'environment PHAROS_TOKEN' },
            { path: ['global', 'scrape_interval'], from: 'pharos.yaml:1:10' },
          ],
          appliedAt: NOW - 60_000,
          lastReloadSucceeded: true,
        }),
        queues: () => telemetry.queues.states({}),
        targets: {
          scrapePools: () => ['node', 'shop'],
          activeTargets: () => TARGETS,
          droppedTargets: () => [],
          droppedTargetCounts: () => new Map([['shop', 4]]),
          relabelRules: () => undefined,
        },
        engine: {
          status: () => ({
            state: 'ready',
            process: { pid: 42, readyForMs: 90_000, memoryBytes: 5 },
            restarts: 1,
            statements: [{ purpose: 'logs.search', limits: 'interactive', ageMs: 1500 }],
          }),
          tableUsage: () => tables(),
        },
        log,
      }),
    ],
    {
      authenticator: {
        authenticate: (header) =>
          Promise.resolve(header === undefined ? null : { user: header, tenants: ['default'] }),
      },
    },
  );
});
afterAll(() => app.close());

const headers = { host: 'localhost' };
async function get(path: string) {
  const answer = await app.inject({ url: `/api/debug/${path}`, headers });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.body).not.toContain('secret-');
  const body: unknown = answer.json();
  return body;
}

const HEAD = { timestamp: '2026-01-02T00:00:00.000Z', window: '5m', services: [{ name: 'pharos' }] };

it('config: what is in effect, and by whom, without secrets', async () => {
  expect(await get('config')).toEqual({
    ...HEAD,
    appliedAt: '2026-01-01T23:59:00.000Z',
    lastReloadSucceeded: true,
    config: { web: { port: 8000, auth: { token: '<secret>' } }, global: { scrape_interval: 20_000 } },
    settings: [
      { setting: 'web.auth.token', from: 'environment PHAROS_TOKEN', written: '<secret>' },
      { setting: 'global.scrape_interval', from: 'pharos.yaml:1:10', written: '20s' },
    ],
  });
});

it('targets: by job, with counts of all that match', async () => {
  expect(await get('targets')).toMatchObject({
    services: [
      { name: 'node', up: 0, down: 0, unknown: 1 },
      { name: 'order', up: 1, down: 1, unknown: 0 },
    ],
    pools: [
      { name: 'node', unknown: 1, dropped: 0, targets: [{ service: 'node', lastScrape: null }] },
      {
        name: 'shop',
        up: 1,
        down: 1,
        dropped: 4,
        targets: [
          {
            service: 'order',
            instance: 'h:1',
            lastScrape: '2026-01-01T23:59:55.000Z',
            series: 7,
            limits: [],
          },
          {
            instance: 'h:2',
            url: 'http://u:<secret>@h:2/metrics?token=<secret>',
            lastError: 'GET http://u:<secret>@h:2/metrics: refused',
            limits: ['sample_limit'],
          },
        ],
      },
    ],
    total: 3,
    truncated: false,
  });
  expect(await get('targets?service=order-service&health=down&pool=shop')).toMatchObject({
    services: [{ name: 'order', up: 0, down: 1 }],
    pools: [{ name: 'shop', targets: [{ instance: 'h:2' }] }],
    total: 1,
  });
  expect(await get('targets?limit=1')).toMatchObject({
    pools: [
      { name: 'node', unknown: 1 },
      { name: 'shop', up: 1, targets: [{ instance: 'h:1' }] },
    ],
    total: 3,
    truncated: true,
  });
});

it('engine: also while it does not answer', async () => {
  const known = {
    ...HEAD,
    state: 'ready',
    pid: 42,
    uptimeSeconds: 90,
    restarts: 1,
    memoryBytes: 5,
    statements: [{ purpose: 'logs.search', class: 'interactive', seconds: 1.5 }],
  };
  expect(await get('engine')).toEqual({
    ...known,
    tables: [{ name: 'samples', rows: 10, parts: 2, bytes: 30, plainBytes: 100 }],
    tablesError: null,
  });
  tables = () => Promise.reject(engineErrors.make('gone', 'the engine is not running'));
  expect(await get('engine')).toEqual({ ...known, tables: null, tablesError: 'the engine is not running' });
});

it('logs: the newest of a level and a window, with what addresses hide', async () => {
  log.write('Segmentation fault\n');
  const line = (level: string, at: string, rest: string): void =>
    log.write(`{"level":"${level}","time":"${at}",${rest}}\n`);
  line('error', '2026-01-01T23:00:00.000Z', '"msg":"old"');
  line(
    'warn',
    '2026-01-01T23:59:00.000Z',
    '"url":"http://a:secret-1@b/","auth":{"token":"secret-2"},"msg":"new"',
  );
  line('info', '2026-01-01T23:59:30.000Z', '"msg":"newest"');
  expect(await get('logs?window=5m&level=warn')).toEqual({
    ...HEAD,
    lines: [
      {
        at: '2026-01-01T23:59:00.000Z',
        level: 'warn',
        message: 'new',
        facts: { url: 'http://a:<secret>@b/', auth: { token: '<secret>' } },
      },
    ],
    kept: 4,
    dropped: 0,
  });
  expect(await get('logs')).toMatchObject({
    window: '1d',
    lines: [
      { message: 'newest' },
      { message: 'new' },
      { message: 'old' },
      { at: null, message: 'Segmentation fault' },
    ],
  });
  expect(await get('logs?end=2026-01-01T23:00:00Z&limit=1')).toMatchObject({ lines: [{ message: 'old' }] });
  createLog('info', log).info({}, 'later than this clock');
  expect(await get('logs?limit=1')).toMatchObject({ lines: [{ message: 'newest' }] });
});

it('queues: as the metrics of those that run say', async () => {
  expect(await get('queues')).toEqual({ ...HEAD, queues: [] });
});

it('are for the administrator, and say what is wrong with a question', async () => {
  for (const door of ['config', 'queues', 'targets', 'engine', 'logs']) {
    const refused = await app.inject({
      url: `/api/debug/${door}`,
      headers: { ...headers, authorization: 'reader' },
    });
    expect([refused.statusCode, refused.json()]).toEqual([
      403,
      { error: expect.objectContaining({ code: 'debug.adminOnly' }) },
    ]);
  }
  for (const url of ['logs?level=loud', 'logs?limit=0', 'targets?health=well', 'engine?window=1s'])
    expect((await app.inject({ url: `/api/debug/${url}`, headers })).statusCode).toBe(400);
});
