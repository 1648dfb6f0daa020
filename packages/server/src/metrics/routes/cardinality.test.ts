import { Labels } from '@pharos/promql';
import { beforeEach, describe, expect, it } from 'vitest';
import { installDocs, installOpenApi } from '../../http/docs.ts';
import { BLUE, openTestApp } from '../../http/testing/test-app.ts';
import type { HttpApp } from '../../http/types.ts';
import { createMemoryJournal } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { CardinalityReader } from '../cardinality/reader.ts';
import { metricsSection } from '../config.ts';
import { createMetricsStore, type MetricsStore } from '../store/store.ts';
import { stateOnlyEngine } from '../store/testing/fake-engine.ts';
import { cardinalityApi } from './cardinality.ts';

const NOW = 1_700_000_000_000;
const MINUTE = 60_000;
let clock = new ManualClock(NOW);
let app: HttpApp;
let store: MetricsStore;

async function put(
  tenant: string,
  labels: Record<string, string>,
  ...times: readonly number[]
): Promise<void> {
  const appender = store.sink.appender({ tenant });
  const ref = appender.resolve(Labels.fromRecord(labels));
  for (const time of times) appender.append(ref, time, 1);
  await appender.commit();
}

async function get(path: string, headers: Record<string, string> = {}) {
  const answer = await app.inject({ url: path, headers });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

beforeEach(async () => {
  clock = new ManualClock(NOW);
  const engine = stateOnlyEngine('down');
  store = await createMetricsStore({
    engine,
    journal: createMemoryJournal(),
    clock,
    telemetry: createTelemetry(),
    log: silentLog,
    config: metricsSection.schema.parse({ accept_past: '30d' }),
  });
  const reader = new CardinalityReader({ store, engine, clock, seriesLimit: 1000 });
  app = await openTestApp([cardinalityApi(reader)]);
  for (let i = 0; i < 3; i++)
    await put(
      'default',
      { __name__: 'old_total', job: 'a', instance: 'x', id: `${i}` },
      NOW - 120 * MINUTE,
      NOW,
    );
  await put('default', { __name__: 'new', job: 'a', instance: 'y', path: 'p'.repeat(900) }, NOW - 5 * MINUTE);
  await put('default', { __name__: 'gone', job: 'b', instance: 'z' }, NOW - 100 * MINUTE, NOW - 30 * MINUTE);
  await put('blue', { __name__: 'secret', job: 'blue', instance: 'x' }, NOW);
  store.metadata.record('default', 'old', { type: 'counter', help: 'Old things.', unit: '' });
});

describe('the report', () => {
  it('counts by metric, label, pair, target, tenant and age', async () => {
    const { status, body } = await get('/api/v1/cardinality');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      tenant: 'default',
      seriesLimit: 1000,
      totals: { series: 5, fresh: 1, ended: 1, metrics: 3, labels: 5 },
      churning: [{ name: 'new', series: 1, fresh: 1, ended: 0 }],
      targets: [
        { job: 'a', instance: 'x', series: 3 },
        { job: 'a', instance: 'y', series: 1, fresh: 1 },
        { job: 'b', instance: 'z', series: 1, ended: 1 },
      ],
      tenants: [{ tenant: 'default', series: 5 }],
    });
    expect(body['metrics']).toEqual([
      { name: 'old_total', series: 3, fresh: 0, ended: 0 },
      { name: 'gone', series: 1, fresh: 0, ended: 1 },
      { name: 'new', series: 1, fresh: 1, ended: 0 },
    ]);
    expect(body['labels']).toContainEqual({
      name: 'path',
      values: 1,
      series: 1,
      characters: 900,
      longest: 900,
    });
    const pairs = body['pairs'] as { name: string; value: string; series: number }[];
    expect(pairs[0]).toEqual({ name: 'job', value: 'a', series: 4 });
    expect(pairs.find(({ name }) => name === 'path')?.value).toMatch(/^p{300}… \(900 characters\)$/);
    const arrivals = body['arrivals'] as { start: number; series: number }[];
    expect(arrivals.at(-1)).toEqual({ start: NOW - 10 * MINUTE, series: 1 });
    expect(arrivals.reduce((sum, { series }) => sum + series, 0)).toBe(5);
  });

  it('shortens its lists, and is counted once for all who ask within seconds', async () => {
    const first = await get('/api/v1/cardinality?limit=1');
    expect(first.body['metrics']).toHaveLength(1);
    await put('default', { __name__: 'late' }, NOW);
    expect((await get('/api/v1/cardinality')).body).toMatchObject({ totals: { series: 5 } });
    await clock.advance(20_000);
    expect((await get('/api/v1/cardinality')).body).toMatchObject({ totals: { series: 6 } });
  });

  it('shows a tenant its own series alone, and names only tenants that the caller may see', async () => {
    const { body } = await get('/api/v1/cardinality', BLUE);
    expect(body).toMatchObject({ tenant: 'blue', totals: { series: 1 }, metrics: [{ name: 'secret' }] });
    expect(body['tenants']).toEqual([
      { tenant: 'default', series: 5 },
      { tenant: 'blue', series: 1 },
    ]);
    for (const path of ['', '/metrics', '/labels?match[]={job!=""}&label=__name__'])
      expect(JSON.stringify((await get(`/api/v1/cardinality${path}`)).body)).not.toContain('secret');
  });

  it('is empty before the first sample', async () => {
    const empty = await createMetricsStore({
      engine: stateOnlyEngine('down'),
      journal: createMemoryJournal(),
      clock,
      telemetry: createTelemetry(),
      log: silentLog,
      config: metricsSection.schema.parse({}),
    });
    const reader = new CardinalityReader({ store: empty, engine: stateOnlyEngine(), clock, seriesLimit: 1 });
    expect((await reader.report('default')).totals).toEqual({
      series: 0,
      fresh: 0,
      ended: 0,
      metrics: 0,
      labels: 0,
      pairs: 0,
    });
  });
});

describe('metrics', () => {
  it('come with their family’s description and are found by name or help', async () => {
    const { body } = await get('/api/v1/cardinality/metrics?search=OLD%20things');
    expect(body).toEqual({
      total: 3,
      matching: 1,
      metrics: [{ name: 'old_total', series: 3, type: 'counter', help: 'Old things.', unit: '' }],
    });
  });
});

describe('the labels of a selection', () => {
  it('are counted by the series that match', async () => {
    const { body } = await get('/api/v1/cardinality/labels?match[]={job="a"}&label=id&search=1');
    expect(body).toMatchObject({
      series: 4,
      matching: 1,
      values: [{ value: '1', series: 1 }],
      partial: false,
    });
    expect(body['labels']).toContainEqual({ name: 'id', values: 3, series: 3 });
  });

  it.each([
    ['/api/v1/cardinality/labels', 'match'],
    ['/api/v1/cardinality/labels?match[]={', 'parse error'],
    ['/api/v1/cardinality?limit=0', 'limit'],
    ['/api/v1/cardinality/growth?days=1000', 'days'],
  ])('%s is refused with a reason', async (path, reason) => {
    const { status, body } = await get(path);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(reason);
  });
});

it('says that growth needs the engine while it is down', async () => {
  const { status, body } = await get('/api/v1/cardinality/growth');
  expect(status).toBe(503);
  expect(body).toHaveProperty('error.message');
});

it('documents every path', async () => {
  const documented = await openTestApp([]);
  await installOpenApi(documented, '0');
  const reader = new CardinalityReader({ store, engine: stateOnlyEngine(), clock, seriesLimit: 1 });
  await documented.register(async (scope: HttpApp) => cardinalityApi(reader).register(scope));
  installDocs(documented);
  const answer = await documented.inject({ url: '/openapi.json' });
  expect(Object.keys(answer.json<{ paths: object }>().paths)).toEqual([
    '/api/v1/cardinality',
    '/api/v1/cardinality/metrics',
    '/api/v1/cardinality/labels',
    '/api/v1/cardinality/growth',
  ]);
  await documented.close();
});
