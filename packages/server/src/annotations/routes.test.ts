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

async function start(): Promise<void> {
  const store = new AnnotationStore(await openTestState());
  app = await createHttpApp({
    policy: { allowedHosts: new Set(LOOPBACK_NAMES), allowedOrigins: new Set(), loginRequired: false },
    authenticator: { authenticate: () => Promise.resolve(null) },
    metrics: httpTelemetry(createTelemetry()),
    log: silentLog,
    maxBody: 100_000,
    maxBodiesInFlight: 200_000,
  });
  const names = createServiceNames(new Map());
  await addApi(app, annotationsApi({ store, clock: new ManualClock(NOW), names }), silentLog);
  await app.ready();
}
const post = (payload: object) => app.inject({ method: 'POST', url: URL, payload });
const titles = async (query: string): Promise<string[]> =>
  (await app.inject({ url: `${URL}${query}` })).json().annotations.map((a: { title: string }) => a.title);

describe('annotationsApi, at the edges', () => {
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

  it('keeps only the newest', async () => {
    await start();
    const store = new AnnotationStore(await openTestState(), 3);
    for (let i = 0; i < 5; i++)
      await store.put('default', { id: `${i}`, time: i, kind: 'annotation', title: 't', text: '', tags: [] });
    const kept = store.list('default', 0, NOW);
    expect([kept.length, kept[0]?.id]).toEqual([3, '2']);
  });
});
