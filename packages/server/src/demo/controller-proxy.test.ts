import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { LOOPBACK_NAMES } from '../http/gate.ts';
import { addApi, createHttpApp } from '../http/server.ts';
import { httpTelemetry } from '../http/telemetry.ts';
import type { HttpApp } from '../http/types.ts';
import { silentLog } from '../kernel/log.ts';
import { createTelemetry } from '../kernel/telemetry.ts';
import { controllerApi } from './controller-proxy.ts';

let app: HttpApp;
let controller: Server;
let asked: string[] = [];
afterEach(async () => {
  await app.close();
  controller.close();
  asked = [];
});

async function start(path = '', answer = '{"ok":true}'): Promise<void> {
  controller = createServer((request, response) => {
    asked.push(`${request.method} ${request.headers.host} ${request.url}`);
    response.end(answer);
  });
  await new Promise<void>((resolve) => controller.listen(0, '127.0.0.1', resolve));
  const address = controller.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  app = await createHttpApp({
    policy: { allowedHosts: new Set(LOOPBACK_NAMES), allowedOrigins: new Set(), loginRequired: false },
    authenticator: { authenticate: () => Promise.resolve(null) },
    metrics: httpTelemetry(createTelemetry()),
    log: silentLog,
    maxBody: 10_000,
    maxBodiesInFlight: 20_000,
  });
  await addApi(app, controllerApi(`http://127.0.0.1:${port}${path}`), silentLog);
  await app.ready();
}
const urls = (): string[] => asked.map((line) => line.replace(/127\.0\.0\.1:\d+/, 'CONTROLLER'));

describe('controllerApi', () => {
  it('passes method, path, query and body on', async () => {
    await start();
    expect((await app.inject('/api/controller/api/faults?active=1')).json()).toEqual({ ok: true });
    await app.inject({ method: 'POST', url: '/api/controller/api/faults', payload: { kind: 'dead' } });
    await app.inject({ method: 'DELETE', url: '/api/controller/api/faults/a%20b' });
    expect(urls()).toEqual([
      'GET CONTROLLER /api/faults?active=1',
      'POST CONTROLLER /api/faults',
      'DELETE CONTROLLER /api/faults/a%20b',
    ]);
  });

  it.each([
    '/api/controller//elsewhere.invalid/x',
    '/api/controller///elsewhere.invalid/x',
    '/api/controller/%2Felsewhere.invalid/x',
    '/api/controller/%5C%5Celsewhere.invalid/x',
    '/api/controller/http://elsewhere.invalid/x',
    '/api/controller/@elsewhere.invalid/x',
  ])('never leaves the controller for another host: %s', async (url) => {
    await start();
    const reply = await app.inject(url);
    expect([reply.statusCode, urls().length]).toEqual([200, 1]);
    expect(urls()[0]).toMatch(/^GET CONTROLLER \//);
  });

  it("keeps below the path of the controller's address", async () => {
    await start('/shop/');
    await app.inject('/api/controller/api/status');
    expect(urls()).toEqual(['GET CONTROLLER /shop/api/status']);
  });

  it('refuses an answer that is too large to hold', async () => {
    await start('', 'x'.repeat(11_000_000));
    expect((await app.inject('/api/controller/api/status')).statusCode).toBe(503);
  });

  it('says so when the controller is not there', async () => {
    await start();
    await new Promise((resolve) => controller.close(resolve));
    const reply = await app.inject('/api/controller/api/status');
    expect([reply.statusCode, reply.json().error.code]).toEqual([503, 'demo.unreachable']);
  });
});
