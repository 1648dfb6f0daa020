import { get } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { HealthHistory, HealthMonitor, HealthPoller, healthTelemetry } from '../health/index.ts';
import { LOOPBACK_NAMES } from '../http/gate.ts';
import { addApi, createHttpApp } from '../http/server.ts';
import { EventHub } from '../http/sse.ts';
import { httpTelemetry } from '../http/telemetry.ts';
import type { HttpApp } from '../http/types.ts';
import { ManualClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { createServiceNames } from '../kernel/names.ts';
import { createTelemetry } from '../kernel/telemetry.ts';
import type { InstantValue } from './reader.ts';
import { LiveStream } from './stream.ts';

let app: HttpApp;
const counted = { firing: 0 };
afterEach(() => app.close());

/** A live stream whose summary waits for `ask`. */
async function start(ask: () => Promise<readonly InstantValue[]> = () => Promise.resolve([])) {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const names = createServiceNames(new Map());
  const poller = new HealthPoller({
    random: () => 0.5,
    telemetry: healthTelemetry(createTelemetry()),
    clock,
    intervalMs: 5000,
    timeoutMs: 1000,
    fetch: () => Promise.reject(new Error('nothing is polled here')),
  });
  const monitor = new HealthMonitor({
    clock,
    names,
    poller,
    targets: () => [],
    extraPolls: [],
    targetTenant: 'default',
    signals: () => new Map(),
    calls: () => new Map(),
    onTransition: () => undefined,
  });
  const history = new HealthHistory({
    clock,
    log: silentLog,
    engine: { query: () => Promise.reject(new Error('no engine here')) },
    journal: { append: () => Promise.reject(new Error('no journal here')), replay: () => Promise.resolve() },
  });
  const streams = { opened: 0, closed: 0 };
  const live = new LiveStream({
    clock,
    log: silentLog,
    monitor,
    history,
    dependencies: () => [],
    alerts: (tenant) => ({ tenant, firing: counted.firing }),
    hub: () =>
      new EventHub(clock, {
        opened: () => streams.opened++,
        closed: () => streams.closed++,
        dropped: () => undefined,
      }),
    sources: {
      clock,
      names,
      reader: { instant: ask, range: () => Promise.resolve([]) },
      services: () => [],
      transitions: () => Promise.resolve([]),
      breakers: () => Promise.resolve([]),
      traced: () => Promise.resolve([]),
      versions: () => new Map(),
      annotations: () => [],
    },
  });
  app = await createHttpApp({
    policy: { allowedHosts: new Set(LOOPBACK_NAMES), allowedOrigins: new Set(), loginRequired: false },
    authenticator: { authenticate: () => Promise.resolve(null) },
    metrics: httpTelemetry(createTelemetry()),
    log: silentLog,
    maxBody: 10_000,
    maxBodiesInFlight: 20_000,
  });
  await addApi(app, live.api(), silentLog);
  await app.listen({ host: '127.0.0.1', port: 0 });
  live.start();
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { clock, live, monitor, streams, url: `http://127.0.0.1:${port}/api/v1/stream` };
}

function open(url: string) {
  const seen = { text: '', ended: false, status: 0 };
  const request = get(url, (response) => {
    seen.status = response.statusCode ?? 0;
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => (seen.text += chunk));
    response.on('end', () => (seen.ended = true));
  });
  request.on('error', () => undefined);
  return { seen, request };
}

describe('LiveStream', () => {
  it('greets with the present, then tells changes and annotations', async () => {
    const { clock, live, monitor, url } = await start();
    const { seen, request } = open(url);
    await vi.waitFor(() => expect(seen.text).toMatch(/event: health\n[^]*event: summary\n[^]*"firing":0/), {
      timeout: 30_000,
    });
    counted.firing = 3;
    await clock.advance(2000);
    await vi.waitFor(() => expect(seen.text).toMatch(/event: alerts\n.*"firing":3/), { timeout: 30_000 });
    monitor.report('default', 'billing', 'down');
    monitor.tick();
    await vi.waitFor(() => expect(seen.text).toContain('"name":"billing"'), { timeout: 30_000 });
    live.annotated('default', { id: 'a', time: 0, kind: 'deployment', title: 'v2', text: '', tags: [] });
    await clock.advance(15_000);
    await vi.waitFor(() => expect(seen.text).toMatch(/event: annotation\n[^]*: still here/), {
      timeout: 30_000,
    });
    request.destroy();
  });

  it('stops at once although readers are connected', async () => {
    const { url, streams } = await start();
    const { seen } = open(url);
    await vi.waitFor(() => expect(streams.opened).toBe(1), { timeout: 30_000 });
    await app.close();
    await vi.waitFor(() => expect([seen.ended, streams.closed]).toEqual([true, 1]), { timeout: 30_000 });
  });

  it('does not keep a reader who left before the greeting was ready', async () => {
    let answer = (): void => undefined;
    let asked = false;
    const answered = new Promise<readonly InstantValue[]>((resolve) => (answer = () => resolve([])));
    const { url, streams, clock } = await start(() => {
      asked = true;
      return answered;
    });
    const left = new Promise<void>((resolve) =>
      app.server.once('request', (_request, response) => response.once('close', resolve)),
    );
    const { request } = open(url);
    await vi.waitFor(() => expect(asked).toBe(true), { timeout: 30_000 });
    request.destroy();
    await left;
    answer();
    await clock.advance(60_000);
    expect(streams.opened).toBe(streams.closed);
  });

  it('connects although the summary cannot be made', async () => {
    const { url } = await start(() => Promise.reject(new Error('the engine is away')));
    const { seen, request } = open(url);
    await vi.waitFor(() => expect(seen.text).toContain('event: health\n'), { timeout: 30_000 });
    expect([seen.status, seen.text.includes('event: summary')]).toEqual([200, false]);
    request.destroy();
  });
});
