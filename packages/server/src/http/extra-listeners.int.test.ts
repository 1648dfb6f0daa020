import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePort } from '../../../../test/support/peers.ts';
import { systemClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { createTelemetry } from '../kernel/telemetry.ts';
import { ExtraListeners } from './extra-listeners.ts';
import { LOOPBACK_NAMES } from './gate.ts';
import { GrpcServer } from './grpc.ts';
import { httpTelemetry } from './telemetry.ts';
import { openTestApp } from './testing/test-app.ts';

function latch() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

async function setup() {
  const warnings: string[] = [];
  const slow = { begun: latch(), ends: latch() };
  const app = await openTestApp([
    {
      name: 'hello',
      renderError: (error) => ({ error: error.message }),
      register: (scope) => {
        scope.get('/hello', () => ({ hello: 'world' }));
        scope.get('/slow', async () => {
          slow.begun.open();
          await slow.ends.opened;
          return { slow: true };
        });
      },
    },
  ]);
  await app.ready();
  const grpc = new GrpcServer({
    policy: { allowedHosts: new Set(LOOPBACK_NAMES), allowedOrigins: new Set(), loginRequired: false },
    authenticator: { authenticate: () => Promise.resolve(null) },
    metrics: httpTelemetry(createTelemetry()),
    log: silentLog,
    clock: systemClock,
    methods: new Map(),
    maxMessage: 1000,
    maxInFlight: 1000,
  });
  const log = { ...silentLog, warn: (_facts: object, message: string) => void warnings.push(message) };
  const extra = new ExtraListeners({ app, grpc, tls: undefined, log, clock: systemClock });
  const close = async (): Promise<void> => {
    await Promise.all([extra.close(0), app.close()]);
  };
  return { extra, app, warnings, slow, close };
}

it('the same APIs answer on the HTTP port, behind the same gate', async () => {
  const { extra, warnings, close } = await setup();
  const port = await freePort();
  await extra.open('127.0.0.1', { otlp_grpc: 0, otlp_http: 0, jaeger: port, zipkin: 0 });
  expect(await (await fetch(`http://127.0.0.1:${port}/hello`)).json()).toEqual({ hello: 'world' });
  const foreign = await fetch(`http://127.0.0.1:${port}/hello`, {
    headers: { origin: 'https://evil.example' },
  });
  expect(foreign.status).toBe(403);
  expect(warnings).toEqual([]);
  await close();
});

it('a taken port is a warning that names it, and the others are opened', async () => {
  const { extra, warnings, close } = await setup();
  const [taken, free] = [await freePort(), await freePort()];
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(taken, '127.0.0.1', resolve));
  await extra.open('127.0.0.1', { otlp_grpc: taken, otlp_http: free, jaeger: 0, zipkin: 0 });
  expect(warnings).toEqual([expect.stringContaining(`port ${taken} on 127.0.0.1 is taken`)]);
  expect((await fetch(`http://127.0.0.1:${free}/hello`)).status).toBe(200);
  await close();
  await new Promise((resolve) => other.close(resolve));
});

it('lets a request under way end when it closes, and cuts what is left after its time', async () => {
  for (const [drainMs, status] of [
    [60_000, 200],
    [0, 'cut'],
  ] as const) {
    const { extra, app, slow } = await setup();
    const port = await freePort();
    await extra.open('127.0.0.1', { otlp_grpc: 0, otlp_http: port, jaeger: 0, zipkin: 0 });
    const answer = fetch(`http://127.0.0.1:${port}/slow`).then(
      (response) => response.status,
      () => 'cut',
    );
    await slow.begun.opened;
    const closed = extra.close(drainMs);
    if (drainMs > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      slow.ends.open();
    }
    expect(await answer).toBe(status);
    slow.ends.open();
    await closed;
    await app.close();
  }
});
