import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestApp } from '../../../http/testing/test-app.ts';
import type { HttpApp } from '../../../http/types.ts';
import { ManualClock } from '../../../kernel/clock.ts';
import { createServiceNames } from '../../../kernel/names.ts';
import { tracesSection } from '../../config.ts';
import { NOW, nanos, openMemoryTraces, spanId, traceId } from '../../testing/memory-traces.ts';
import { attribute } from '../../testing/otlp-json.ts';
import { TraceGuard } from '../guard.ts';
import { jaegerApi } from '../jaeger/api.ts';
import { topologyApi } from './topology.ts';

let app: HttpApp;

beforeEach(async () => {
  const { store, send } = await openMemoryTraces();
  const span = (id: number, parent: number, kind: number, ms: number) => ({
    traceId: traceId(1),
    spanId: spanId(id),
    parentSpanId: parent === 0 ? '' : spanId(parent),
    name: 'x',
    kind,
    startTimeUnixNano: nanos(NOW),
    endTimeUnixNano: nanos(NOW + ms),
  });
  await send('gateway', [span(1, 0, 2, 100), span(2, 1, 3, 90)]);
  await send('cart-service', [
    { ...span(3, 2, 2, 80), status: { code: 2 } },
    {
      ...span(4, 3, 3, 10),
      attributes: [attribute('db.system.name', 'sqlite'), attribute('db.namespace', 'cart')],
    },
  ]);
  const clock = new ManualClock(NOW + 1000);
  const options = {
    reader: store.reader,
    graph: store.graph,
    clock,
    names: createServiceNames(new Map()),
    maxTraces: 20,
    breathe: () => Promise.resolve(),
    guard: new TraceGuard({ ...store, clock, config: tracesSection.schema.parse({}).query }),
  };
  app = await openTestApp([topologyApi(options), jaegerApi(options)]);
});
afterEach(() => app.close());

async function get(url: string) {
  const answer = await app.inject({ url, headers: { host: 'localhost' } });
  return { status: answer.statusCode, json: answer.json() };
}

it('answers nodes and edges with rates, errors and durations', async () => {
  const { status, json } = await get('/api/v1/topology?window=1m');
  expect(status).toBe(200);
  const seconds = (Date.parse(json.end) - Date.parse(json.start)) / 1000;
  expect(
    json.nodes.map(({ id, type, calls, errors }: Record<string, unknown>) => [id, type, calls, errors]),
  ).toEqual([
    ['cart', 'service', 1, 1],
    ['database:sqlite/cart', 'database', 1, 0],
    ['gateway', 'service', 1, 0],
  ]);
  expect(json.edges.map(({ source, target }: Record<string, unknown>) => [source, target])).toEqual([
    ['cart', 'database:sqlite/cart'],
    ['gateway', 'cart'],
  ]);
  const [, call] = json.edges;
  expect(call).toMatchObject({ calls: 1, errors: 1, error_ratio: 1, mean: 0.08, rate: 1 / seconds });
  expect(Math.abs(Math.log2(call.p95 / 0.08))).toBeLessThan(0.26);
});

it('answers a short window to the millisecond, and whole minutes in minutes', async () => {
  const callsIn = async (start: number, end: number) => {
    const { json } = await get(`/api/v1/topology?start=${start}&end=${end}`);
    expect(json.nodes.every(({ rate }: { rate: number }) => rate === 0 || json.start !== json.end)).toBe(
      true,
    );
    return [json.start, json.end, json.edges.length].map(String);
  };
  const at = (ms: number): string => new Date(ms).toISOString();
  expect(await callsIn(NOW - 500, NOW)).toEqual([at(NOW - 500), at(NOW), '0']);
  expect(await callsIn(NOW, NOW + 1)).toEqual([at(NOW), at(NOW + 1), '2']);
  const minute = Math.floor(NOW / 60_000) * 60_000;
  expect(await callsIn(minute - 60_000, minute)).toEqual([at(minute - 60_000), at(minute), '0']);
  expect(await callsIn(minute, minute + 60_000)).toEqual([at(minute), at(NOW + 1000), '2']);
});

it('answers how the calls of an edge went over time', async () => {
  const { status, json } = await get('/api/v1/topology/steps?window=10m&source=gateway&target=cart');
  expect([status, json.step, json.points.length]).toEqual([200, 60, 1]);
  expect(json.points[0]).toMatchObject({ calls: 1, errors: 1, error_ratio: 1, mean: 0.08 });
  const callsOf = async (query: string) =>
    (await get(`/api/v1/topology/steps?${query}`)).json.points.map(({ calls }: { calls: number }) => calls);
  expect(await callsOf('target=database:sqlite/cart')).toEqual([1]);
  expect(await callsOf('')).toEqual([3]);
  expect(await callsOf('source=nobody')).toEqual([]);
  expect((await get('/api/v1/topology/steps?source=')).status).toBe(400);
});

it('answers the past, one service, and refuses a window that ends before it begins', async () => {
  expect((await get(`/api/v1/topology?window=1m&end=${NOW - 3_600_000}`)).json.nodes).toEqual([]);
  expect((await get('/api/v1/topology?service=gateway')).json.edges).toHaveLength(1);
  expect((await get(`/api/v1/topology?start=${NOW}&end=${NOW - 1000}`)).status).toBe(400);
});

it("answers Jaeger's dependencies, services only (compat 6.1)", async () => {
  const call = { parent: 'gateway', child: 'cart', callCount: 1 };
  for (const prefix of ['', '/jaeger'])
    expect((await get(`${prefix}/api/dependencies?endTs=${NOW + 1000}&lookback=60000`)).json).toEqual({
      data: [call],
      total: 1,
      limit: 0,
      offset: 0,
      errors: null,
    });
  expect((await get('/api/dependencies?service=nobody')).json.data).toEqual([]);
  expect((await get('/api/dependencies?endTs=x')).status).toBe(400);
});
