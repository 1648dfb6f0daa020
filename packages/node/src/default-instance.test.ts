import express from 'express';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as convenience from './metrics-middleware.ts';
import { createPharos } from './pharos.ts';
import { listen, sample } from './testing/harness.ts';

beforeEach(() => {
  vi.stubEnv('LOG_FILE', 'off');
  vi.stubEnv('LOG_LEVEL', 'silent');
});
afterEach(async () => {
  await convenience.stopDefaultPharos();
  vi.unstubAllEnvs();
});

describe('the module functions', () => {
  it('run middleware, health and active users as the README shows', async () => {
    const { metricsMiddleware, reportActiveUsers, reportHealth } = convenience;
    const app = express();
    app.use(metricsMiddleware('my-service'));
    app.get('/users/:id', (_request, response) => void response.json({}));
    reportHealth('my-service', 'healthy');
    reportActiveUsers(42);
    const server = await listen(app);
    await (await fetch(`${server.url}/users/7`)).text();
    const text = await (await fetch(`${server.url}/metrics`)).text();
    await server.close();
    expect(sample(text, 'http_requests_total', { route: '/users/:id', status: '200' })).toBe(1);
    expect(sample(text, 'active_connections', { service: 'my-service' })).toBe(0);
    expect(sample(text, 'service_health_status', { service: 'my-service' })).toBe(1);
    expect(sample(text, 'active_users_total')).toBe(42);
  });

  it('share one instance, made at the first use, apart from all others', async () => {
    const first = convenience.defaultPharos('a');
    expect(convenience.defaultPharos('b')).toBe(first);
    expect(first.service).toBe('a');
    convenience.reportActiveUsers(5);
    const other = createPharos({ service: 'other', propagation: false });
    expect(sample(await other.registry.metrics(), 'active_users_total')).toBe(0);
    await other.stop();
    await convenience.stopDefaultPharos();
    expect(convenience.defaultPharos('b')).not.toBe(first);
  });

  it('instrument bare http', async () => {
    const server = await listen(
      convenience.instrumentHttp((_request, response) => void response.end('x'), 'bare'),
    );
    await (await fetch(server.url)).text();
    await server.close();
    const text = await convenience.defaultPharos().registry.metrics();
    expect(sample(text, 'http_requests_total', { route: 'unmatched', status: '200' })).toBe(1);
  });
});
