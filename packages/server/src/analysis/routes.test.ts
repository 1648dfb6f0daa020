import { Labels } from '@pharos/promql';
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryStorage } from '../../../promql/src/testing/memory-storage.ts';
import { egressErrors } from '../egress/index.ts';
import type { ServiceHealth } from '../health/index.ts';
import { BLUE, openTestApp } from '../http/testing/test-app.ts';
import type { HttpApp } from '../http/types.ts';
import { ManualClock } from '../kernel/clock.ts';
import { createServiceNames } from '../kernel/names.ts';
import { createPromReader } from '../prom-reader.ts';
import { analysisSection, llmSection } from './config.ts';
import { analysisApi } from './index.ts';

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);
const MINUTES = 60;
const STEP_MS = 5000;
let app: HttpApp;
afterEach(() => app.close());

/** An hour of samples every five seconds, adding what each second has. */
function counter(
  storage: MemoryStorage,
  labels: Record<string, string>,
  perSecond: (at: number) => number,
): void {
  const samples: [number, number][] = [];
  let value = 0;
  for (let at = NOW - MINUTES * 60_000; at <= NOW; at += STEP_MS) {
    value += perSecond(at) * (STEP_MS / 1000);
    samples.push([at, value]);
  }
  storage.add(Labels.fromRecord({ instance: 'a:1', ...labels }), samples);
}

/** `order` fails half of `POST /order` for three minutes; `catalog` is as ever; orders are half of what they were. */
function storageOf(): MemoryStorage {
  const storage = new MemoryStorage();
  const fails = (at: number): boolean => at > NOW - 180_000;
  const requests = (job: string, route: string, status: string, rate: (at: number) => number): void =>
    counter(
      storage,
      { __name__: 'http_requests_total', job, method: 'POST', route, path: route, status },
      rate,
    );
  requests('order-service', '/order', '200', (at) => (fails(at) ? 5 : 10));
  requests('order-service', '/order', '500', (at) => (fails(at) ? 5 : 0));
  requests('order-service', '/orders', '200', () => 3);
  requests('catalog', '/product', '200', () => 4);
  counter(storage, { __name__: 'orders_total', job: 'order-service', state: 'executed' }, (at) =>
    fails(at) ? 1 : 2,
  );
  return storage;
}

async function setup({
  llm = {},
  unwellMs = 170_000,
  away = 0,
}: {
  llm?: object;
  unwellMs?: number;
  /** So many other services are down. */
  away?: number;
} = {}) {
  const storage = storageOf();
  const empty = new MemoryStorage();
  const clock = new ManualClock(NOW);
  const order: ServiceHealth = {
    name: 'order',
    status: 'degraded',
    since: NOW - unwellMs,
    reasons: [{ source: 'traffic', severity: 'warning', message: '38 % of its requests failed' }],
    sources: [],
    causedBy: [],
    waitsForMachine: false,
    instances: [],
  };
  const api = analysisApi({
    sources: {
      clock,
      names: createServiceNames(new Map()),
      reader: createPromReader((tenant) => (tenant === 'default' ? storage : empty), clock),
      mayHold: (_tenant, metric) => metric === 'orders_total',
      services: (tenant) => (tenant === 'default' ? [order] : []),
      told: (tenant) =>
        Promise.resolve(
          tenant === 'default'
            ? [
                {
                  tenant,
                  service: 'order',
                  at: order.since,
                  from: 'healthy' as const,
                  to: 'degraded' as const,
                  reason: '6 % of its requests failed',
                  causedBy: [],
                },
                ...Array.from({ length: away }, (_, i) => ({
                  tenant,
                  service: `away-${i}`,
                  at: order.since + 1000,
                  from: 'healthy' as const,
                  to: 'unhealthy' as const,
                  reason: 'it does not answer',
                  causedBy: [],
                })),
              ]
            : [],
        ),
      errors: () => Promise.resolve({ findings: [], warnings: [] }),
      breakerChanges: () => Promise.resolve({ list: [], partial: false }),
      annotations: (tenant, from) =>
        tenant === 'default' && order.since - 70_000 >= from
          ? [
              {
                id: '1',
                time: order.since - 70_000,
                kind: 'deployment',
                service: 'order-service',
                title: 'order 2.1',
                text: '',
                tags: [],
              },
            ]
          : [],
    },
    business: analysisSection.schema.parse({}).business,
    llm: llmSection.schema.parse(llm),
    fetch: () => Promise.reject(egressErrors.make('connect', 'nobody listens')),
  });
  app = await openTestApp([api]);
  return async (url: string, headers: Record<string, string> = {}) => {
    const answer = await app.inject({ url, headers });
    expect(answer.statusCode, answer.body).toBe(200);
    return answer.json();
  };
}

describe('GET /api/analytics', () => {
  it('tells trends, the busiest endpoints, the business and what is far from usual', async () => {
    const get = await setup();
    const answer = await get('/api/analytics?window=3m');
    expect(answer.services.map(({ name }: { name: string }) => name)).toEqual(['catalog', 'order']);
    const [catalog, order] = answer.services;
    expect(catalog.traffic).toMatchObject({ direction: 'steady', current: expect.closeTo(4, 1) });
    expect(order.error_ratio.direction).toBe('rising');
    expect(order.error_ratio.series.values.at(-1)).toBeCloseTo(0.38, 1);
    expect(order.anomalies).toBe(1);
    expect(answer.anomalies).toMatchObject([
      {
        service: 'order',
        signal: 'error_ratio',
        direction: 'above',
        to: null,
        usual: 0,
        severity: 'critical',
      },
    ]);
    expect(answer.top_endpoints[0]).toMatchObject({
      service: 'order',
      route: '/order',
      share: expect.closeTo(0.59, 1),
    });
    expect(answer.business).toMatchObject([
      {
        metric: 'orders_total',
        service: 'order',
        labels: { state: 'executed' },
        direction: 'falling',
        current: expect.closeTo(180, -1),
        previous: expect.closeTo(360, -1),
      },
    ]);
    expect(answer).toMatchObject({ method: 'statistical', warnings: [] });
    expect(answer.confidence).toBeGreaterThan(0.5);
  });

  it('keeps the services asked for, the tenant, and says when it knows nothing', async () => {
    const get = await setup();
    const one = await get('/api/analytics?window=3m&service=catalog-service');
    expect(one.services.map(({ name }: { name: string }) => name)).toEqual(['catalog']);
    expect([one.anomalies, one.business]).toEqual([[], []]);
    expect(await get('/api/analytics', BLUE)).toMatchObject({ services: [], confidence: 0, anomalies: [] });
    for (const end of ['-5', '8640000000000000', '0']) await get(`/api/analytics?end=${end}`);
  });
});

describe('GET /api/root_cause', () => {
  it('ranks the change, the service and the endpoint, with evidence that can be cited and what to do', async () => {
    const get = await setup();
    const answer = await get('/api/root_cause?window=5m');
    expect(
      answer.suspects.map(({ rank, kind, name }: { rank: number; kind: string; name: string }) => [
        rank,
        kind,
        name,
      ]),
    ).toEqual([
      [1, 'change', 'order 2.1'],
      [2, 'service', 'order'],
      [3, 'endpoint', 'POST /order'],
    ]);
    const all = answer.suspects.flatMap(({ evidence }: { evidence: { id: string }[] }) => evidence);
    expect(new Set(all.map(({ id }: { id: string }) => id)).size).toBe(all.length);
    expect(answer.suspects[0].actions[0]).toContain('roll it back');
    expect(answer.services).toMatchObject([{ name: 'order', status: 'degraded', suspect: 2 }]);
    expect(answer.explanation).toMatchObject({ by: 'statistics', model: null, severity: 'WARNING' });
    expect(answer.timeline.map(({ kind }: { kind: string }) => kind)).toEqual([
      'deployment',
      'state',
      'deviation',
    ]);
    expect(answer.confidence).toBeGreaterThan(0.5);
  });

  it('names the change that broke what lasts, however long before the window that was', async () => {
    const get = await setup({ unwellMs: 3_000_000 });
    const answer = await get('/api/root_cause?window=5m');
    expect(answer.suspects[0]).toMatchObject({ kind: 'change', name: 'order 2.1' });
    // What happened is told of the window alone.
    expect(answer.timeline.map(({ kind }: { kind: string }) => kind)).toEqual(['deviation']);
  });

  it('tells of the service that is asked about however many others are worse', async () => {
    const get = await setup({ away: 40 });
    const named = async (query: string): Promise<string[]> =>
      (await get(`/api/root_cause?window=5m${query}`)).suspects.map(({ name }: { name: string }) => name);
    expect(await named('&service=order')).toEqual(['order 2.1', 'order', 'POST /order']);
    expect(await named('')).toHaveLength(20);
  });

  it('is quiet about what is well, about others, and about a time before', async () => {
    const get = await setup();
    for (const path of ['?service=catalog', `?end=${NOW - 600_000}&window=5m`, '?end=-5'])
      expect(await get(`/api/root_cause${path}`)).toMatchObject({ suspects: [], confidence: null });
    const said = async (query: string) => (await get(`/api/root_cause?${query}`)).explanation;
    const wrong = { analysis: expect.stringContaining('Nothing is wrong'), confidence: 1 };
    expect(await said(`end=${NOW - 600_000}`)).toMatchObject(wrong);
    expect(await said(`end=${NOW - 600_000}&service=catalog`)).toMatchObject(wrong);
    const known = { analysis: expect.stringContaining('Nothing is known'), confidence: 0 };
    expect(await said('service=nobody')).toMatchObject(known);
    expect(await said('end=-5')).toMatchObject(known);
    const ahead = await get('/api/root_cause?end=8640000000000000');
    expect(ahead.suspects[0].name).toBe('order 2.1');
    expect(JSON.stringify(ahead.suspects)).toContain('order is degraded and has not been well since');
    expect(await get('/api/root_cause', BLUE)).toMatchObject({ services: [], suspects: [], timeline: [] });
  });
});

describe('GET /api/ollama/test', () => {
  it('says that nothing is configured and nothing answers', async () => {
    const get = await setup();
    expect(await get('/api/ollama/test')).toMatchObject({
      status: 'not_configured',
      enabled: true,
      configured: false,
      provider: 'ollama',
      url: 'http://localhost:11434',
      reachable: false,
      services: [{ name: 'order', status: 'degraded' }],
      explanations_by: 'statistics',
    });
  });

  it('says that models are switched off', async () => {
    const get = await setup({ llm: { enabled: false } });
    expect(await get('/api/ollama/test')).toMatchObject({ status: 'disabled', provider: null, url: null });
  });
});
