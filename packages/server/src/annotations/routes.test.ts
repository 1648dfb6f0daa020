import { afterEach, describe, expect, it } from 'vitest';
import { LOOPBACK_NAMES } from '../http/gate.ts';
import { addApi, createHttpApp } from '../http/server.ts';
import { httpTelemetry } from '../http/telemetry.ts';
import type { HttpApp } from '../http/types.ts';
import { openTestState } from '../journal/testing/state-setup.ts';
import { ManualClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { createServiceNames } from '../kernel/names.ts';
import { createTelemetry } from '../kernel/telemetry.ts';
import { annotationsApi } from './routes.ts';
import { AnnotationStore } from './store.ts';

const NOW = Date.UTC(2026, 0, 1);
const URL = '/api/v1/annotations';
let app: HttpApp;
afterEach(() => app.close());

async function start() {
  const store = new AnnotationStore(await openTestState());
  app = await createHttpApp({
    policy: { allowedHosts: new Set(LOOPBACK_NAMES), allowedOrigins: new Set(), loginRequired: false },
    authenticator: {
      authenticate: (header) =>
        Promise.resolve(header === 'Bearer blue' ? { user: 'blue', tenants: ['blue'] } : null),
    },
    metrics: httpTelemetry(createTelemetry()),
    log: silentLog,
    maxBody: 100_000,
    maxBodiesInFlight: 200_000,
  });
  const names = createServiceNames(new Map());
  await addApi(app, annotationsApi({ store, clock: new ManualClock(NOW), names }), silentLog);
  await app.ready();
  return store;
}
const post = (payload: object, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url: URL, payload, headers });
const titles = async (query = '', headers: Record<string, string> = {}): Promise<string[]> =>
  (await app.inject({ url: `${URL}${query}`, headers }))
    .json()
    .annotations.map((a: { title: string }) => a.title);

describe('annotationsApi', () => {
  it('keeps, replaces by id, filters by time and service, and removes', async () => {
    await start();
    const made = await post({ id: 'd1', kind: 'deployment', service: 'order-service', title: 'v1' });
    expect([made.statusCode, made.json()]).toEqual([
      201,
      expect.objectContaining({ id: 'd1', service: 'order', time: NOW, kind: 'deployment', tags: [] }),
    ]);
    await post({ id: 'd1', kind: 'deployment', service: 'order', title: 'v2' });
    await post({ title: 'for all', time: NOW - 60_000 });
    await post({ title: 'old', time: NOW - 30 * 86_400_000 });
    expect(await titles()).toEqual(['for all', 'v2']);
    expect(await titles('?service=auth')).toEqual(['for all']);
    expect((await app.inject({ method: 'DELETE', url: `${URL}/d1` })).statusCode).toBe(204);
    expect((await app.inject({ method: 'DELETE', url: `${URL}/d1` })).statusCode).toBe(404);
    expect(await titles()).toEqual(['for all']);
  });

  it('reads times as seconds, milliseconds and RFC 3339, in bodies and in query strings', async () => {
    await start();
    for (const time of [NOW / 1000, NOW, new Date(NOW).toISOString(), String(NOW / 1000)])
      expect((await post({ title: 'x', time })).json().time).toBe(NOW);
    const seconds = NOW / 1000;
    expect((await titles(`?from=${seconds - 1}&to=${seconds + 1}`)).length).toBe(4);
    expect((await titles(`?from=${seconds + 1}&to=${NOW + 2000}`)).length).toBe(0);
  });

  it('refuses what is no time, or far away, by name', async () => {
    await start();
    for (const time of ['soon', 1e300, -1e300, '9'.repeat(400), NOW + 10 * 86_400_000, 0])
      expect((await post({ title: 'x', time })).statusCode, String(time)).toBe(400);
    expect((await post({ title: 'x', timeEnd: 1e300 })).statusCode).toBe(400);
    expect((await post({ title: 'x', time: 'soon' })).json().error.message).toContain('"soon" is not a time');
  });

  it('keeps tenants apart', async () => {
    const store = await start();
    const blue = { authorization: 'Bearer blue', 'x-scope-orgid': 'blue' };
    await post({ id: 'a', title: 'of blue' }, blue);
    await post({ id: 'a', title: 'of default' });
    expect([await titles('', blue), await titles()]).toEqual([['of blue'], ['of default']]);
    expect((await app.inject({ method: 'DELETE', url: `${URL}/a` })).statusCode).toBe(204);
    expect(store.list('blue', 0, NOW).map((a) => a.title)).toEqual(['of blue']);
  });

  it('keeps only the newest', async () => {
    await start();
    const store = new AnnotationStore(await openTestState(), 3);
    for (let i = 0; i < 5; i++)
      await store.put('default', { id: `${i}`, time: i, kind: 'annotation', title: 't', text: '', tags: [] });
    const kept = store.list('default', 0, NOW);
    expect([kept.length, kept[0]?.id]).toEqual([3, '2']);
  });
});
