import { Labels } from '@pharos/promql';
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryStorage } from '../../../promql/src/testing/memory-storage.ts';
import type { ServiceHealth } from '../health/index.ts';
import { BLUE, openTestApp } from '../http/testing/test-app.ts';
import type { HttpApp } from '../http/types.ts';
import { ManualClock } from '../kernel/clock.ts';
import { createServiceNames } from '../kernel/names.ts';
import { createPromReader } from '../prom-reader.ts';
import { overviewApi } from './index.ts';
import { gridFor } from './reader.ts';

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);
const BUCKETS = [0.1, 0.5, 1, Infinity];
let app: HttpApp;
afterEach(() => app.close());

/** Ten minutes of a service at one request per second, every fifth failed, all as slow as `seconds`. */
function traffic(storage: MemoryStorage, job: string, seconds: number): void {
  const add = (labels: Record<string, string>, perSecond: number): void => {
    const samples = Array.from(
      { length: 121 },
      (_, i) => [NOW - 600_000 + i * 5000, i * 5 * perSecond] as const,
    );
    storage.add(Labels.fromRecord({ job, instance: 'a:1', ...labels }), samples);
  };
  for (const [status, share] of [
    ['200', 0.8],
    ['500', 0.2],
  ] as const) {
    const route = { method: 'GET', route: '/buy', path: '/buy', status };
    add({ __name__: 'http_requests_total', ...route }, share);
    for (const le of BUCKETS)
      add(
        {
          __name__: 'http_request_duration_seconds_bucket',
          ...route,
          le: le === Infinity ? '+Inf' : String(le),
        },
        seconds <= le ? share : 0,
      );
  }
  add(
    { __name__: 'http_requests_total', method: 'GET', route: '/metrics', path: '/metrics', status: '200' },
    100,
  );
  const gauge = (name: string, labels: Record<string, string>, value: number) =>
    storage.add(Labels.fromRecord({ __name__: name, job, instance: 'a:1', ...labels }), [
      [NOW - 1000, value],
    ]);
  gauge('cpu_percent', {}, 12);
  gauge('memory_used_mb', {}, 80);
}

async function setup() {
  const storage = new MemoryStorage();
  traffic(storage, 'order-service', 0.3);
  traffic(storage, 'user', 0.05);
  const clock = new ManualClock(NOW);
  const names = createServiceNames(new Map());
  const health: ServiceHealth = {
    name: 'order',
    status: 'degraded',
    since: NOW - 60_000,
    reasons: [],
    sources: [],
    causedBy: [],
    waitsForMachine: false,
    instances: [{ instance: 'a:1', up: true, lastScrape: NOW, lastError: null }],
  };
  const empty = new MemoryStorage();
  const api = overviewApi({
    clock,
    names,
    reader: createPromReader((tenant) => (tenant === 'default' ? storage : empty), clock),
    services: (tenant) => (tenant === 'default' ? [health] : []),
    transitions: () =>
      Promise.resolve([
        {
          tenant: 'default',
          service: 'order',
          at: NOW - 60_000,
          from: 'healthy',
          to: 'degraded',
          reason: 'slow',
          causedBy: [],
        },
      ]),
    breakers: (tenant) =>
      Promise.resolve(
        tenant === 'default'
          ? [{ service: 'order', name: 'user-client', upstream: 'user-service', state: 'OPEN' }]
          : [],
      ),
    traced: () => Promise.resolve(['cart', 'order']),
    versions: () => new Map([['order', [{ version: '1.4.2', first: NOW - 60_000, last: NOW }]]]),
    annotations: () => [
      {
        id: '1',
        time: NOW - 30_000,
        kind: 'deployment',
        service: 'user',
        title: 'user 2.0',
        text: '',
        tags: [],
      },
    ],
  });
  app = await openTestApp([api]);
  return (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });
}

describe('GET /api/summary', () => {
  it('tells rates, errors and percentiles per canonical service, leaves monitoring traffic out, and what changed', async () => {
    const get = await setup();
    const { services, totals, changes } = (await get('/api/summary?window=5m')).json();
    expect(services.map((s: { name: string }) => s.name)).toEqual(['order', 'user']);
    const [order, user] = services;
    expect(order).toMatchObject({
      status: 'degraded',
      requestRate: expect.closeTo(1, 6),
      errorRatio: expect.closeTo(0.2, 6),
    });
    expect(user).toMatchObject({ status: 'unknown', p95: expect.closeTo(0.095, 6) });
    expect(order.p95).toBeGreaterThan(0.1);
    expect(totals.requestRate).toBeCloseTo(2, 6);
    expect(order.sparkline.requestRate.filter((v: number | null) => v !== null).length).toBeGreaterThan(3);
    expect(order.sparkline.requestRate[0]).toBeNull();
    expect(changes.map((c: { title: string }) => c.title)).toEqual(['user 2.0', 'order became degraded']);
  });

  it('keeps to the services asked for, and to the tenant', async () => {
    const get = await setup();
    expect(
      (await get('/api/summary?service=user-service')).json().services.map((s: { name: string }) => s.name),
    ).toEqual(['user']);
    const other = (await get('/api/summary', BLUE)).json();
    expect([other.services, other.totals.requestRate]).toEqual([[], null]);
    expect((await get('/api/summary?window=soon')).json().error.message).toMatch(
      /window: "soon" is not a window/,
    );
  });
});

describe('GET /api/performance, /api/services, /api/metrics', () => {
  it('shows curves, the slowest endpoints and saturation', async () => {
    const get = await setup();
    const [order] = (await get('/api/performance?window=5m&service=order')).json().services;
    expect(order.slowestEndpoints).toMatchObject([
      { method: 'GET', route: '/buy', errorRatio: expect.closeTo(0.2, 6) },
    ]);
    expect(order.saturation).toMatchObject({ cpuPercent: 12, memoryMb: 80, eventLoopLagSeconds: null });
    expect(order.throughput.values.at(-1)).toBeCloseTo(1, 6);
    expect(order.errors.values.at(-1)).toBeCloseTo(0.2, 6);
    const past = (await get(`/api/performance?window=1m&service=order&end=${NOW - 300_000}`)).json();
    expect(past.services[0].throughput.start).toBe(NOW - 360_000);
  });

  it('lists services with breakers and dependencies, in both shapes', async () => {
    const get = await setup();
    const answer = (await get('/api/services')).json();
    expect(answer.data).toEqual(['cart', 'order', 'user']);
    expect(answer.services[0]).toMatchObject({
      name: 'order',
      breakers: [{ name: 'user-client', state: 'OPEN' }],
      dependencies: ['user'],
      versions: [{ version: '1.4.2', firstSeen: new Date(NOW - 60_000).toISOString() }],
      instances: [{ up: true }],
    });
  });

  it('gives current values by metric', async () => {
    const get = await setup();
    const [order] = (await get('/api/metrics?service=order')).json().services;
    expect(order.metrics.cpu_percent).toEqual([
      { labels: { job: 'order-service', instance: 'a:1' }, value: 12 },
    ]);
    expect(order.truncated).toBe(false);
  });
});

describe('gridFor', () => {
  it('lies on whole multiples of a readable step', () => {
    for (const windowMs of [10_000, 300_000, 3_600_000, 30 * 86_400_000]) {
      const grid = gridFor(NOW + 1234, windowMs, 40);
      expect([grid.start % grid.step, grid.end % grid.step]).toEqual([0, 0]);
      expect((grid.end - grid.start) / grid.step).toBeLessThanOrEqual(41);
    }
  });
});
