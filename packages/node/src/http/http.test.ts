import { createServer, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { listen, sample, testPharos, until } from '../testing/harness.ts';
import { expressRoute, requestPath } from './route.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function request(fields: Record<string, unknown>): IncomingMessage {
  return fields as unknown as IncomingMessage;
}

describe('expressRoute', () => {
  it.each([
    [{ route: { path: '/orders/:id' } }, '/orders/:id'],
    [{ route: { path: '/:id' }, baseUrl: '/orders' }, '/orders/:id'],
    [{ route: { path: '/' }, baseUrl: '/orders' }, '/orders'],
    [{ route: { path: '/' }, baseUrl: '' }, '/'],
    [{ route: { path: '/items' }, baseUrl: '/carts/a%20b', params: { cart: 'a b' } }, '/carts/:cart/items'],
    [{ route: { path: '/items' }, baseUrl: '/carts/77' }, '/carts/:id/items'],
    [{ route: { path: '/x' }, baseUrl: '/u/550e8400-e29b-41d4-a716-446655440000' }, '/u/:id/x'],
    [{ route: { path: /^\/a+$/ } }, '^\\/a+$'],
    [{ route: { path: ['/a', '/b'] } }, '/a|/b'],
    [{ route: { path: '/x' }, baseUrl: '/%ZZ' }, '/%ZZ/x'],
    [{}, undefined],
    [{ route: null }, undefined],
    [{ route: { path: 7 } }, undefined],
  ])('%j is %s', (fields, expected) => expect(expressRoute(request(fields))).toBe(expected));

  it('is bounded in length', () => {
    expect(expressRoute(request({ route: { path: `/${'x'.repeat(999)}` } }))).toHaveLength(200);
  });

  it('takes the path as the client sent it, without query and fragment', () => {
    expect(requestPath(request({ url: '/x', originalUrl: '/api/x?a=1' }))).toBe('/api/x');
    expect(requestPath(request({ url: '/x#y?z' }))).toBe('/x');
    expect(requestPath(request({}))).toBe('/');
  });
});

describe('measuring', () => {
  it('counts a client that leaves as 499, once', async () => {
    const { pharos } = testPharos();
    let arrived = false;
    let left = false;
    const server = await listen(
      pharos.instrumentHttp((_request, response) => {
        pharos.setRoute('/slow');
        response.on('close', () => {
          left = true;
        });
        arrived = true;
      }),
    );
    closers.push(() => server.close());
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.write('GET /slow HTTP/1.1\r\nhost: a\r\n\r\n');
    await until(() => arrived);
    expect(sample(await pharos.registry.metrics(), 'active_connections')).toBe(1);
    socket.destroy();
    await until(() => left);
    const text = await pharos.registry.metrics();
    expect(sample(text, 'http_requests_total', { route: '/slow', status: '499' })).toBe(1);
    expect(sample(text, 'active_connections')).toBe(0);
    expect(pharos.errors.stats().total).toBe(0);
  });

  it('does not measure twice when it is mounted twice', async () => {
    const { pharos } = testPharos();
    const app = express();
    app.use(pharos.middleware());
    app.use('/api', pharos.middleware());
    app.get('/api/x', (_request, response) => void response.json({}));
    const server = await listen(app);
    closers.push(() => server.close());
    await (await fetch(`${server.url}/api/x`)).text();
    expect(sample(await pharos.registry.metrics(), 'http_requests_total', { route: '/api/x' })).toBe(1);
  });

  it('leaves paths alone that it is told not to serve, and other methods', async () => {
    const { pharos } = testPharos();
    const app = express();
    app.use(pharos.middleware({ endpoints: false }));
    app.get('/health', (_request, response) => void response.send('mine'));
    app.get('/m', pharos.endpoints.metrics);
    app.post('/m', pharos.endpoints.metrics);
    const server = await listen(app);
    closers.push(() => server.close());
    expect(await (await fetch(`${server.url}/health`)).text()).toBe('mine');
    const metrics = await fetch(`${server.url}/m`);
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await metrics.text()).toContain('process_cpu_seconds_total');
    expect((await fetch(`${server.url}/m`, { method: 'POST' })).status).toBe(405);
    const head = await fetch(`${server.url}/m`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('captures what a bare handler throws and passes it on', () => {
    const { pharos } = testPharos();
    const handler = pharos.instrumentHttp(() => {
      throw new RangeError('bare');
    });
    const server = createServer(handler);
    closers.push(async () => server.close());
    const response = { setHeader: () => {}, emit: () => true, listenerCount: () => 0 };
    expect(() => server.emit('request', { headers: {}, method: 'GET', url: '/' }, response)).toThrow('bare');
    expect(pharos.errors.recent()[0]).toMatchObject({ name: 'RangeError', method: 'GET' });
  });

  it('keeps the context in listeners of the response', async () => {
    const { pharos } = testPharos();
    const seen: unknown[] = [];
    const server = await listen(
      pharos.instrumentHttp((_request, response) => {
        response.on('finish', () => seen.push(pharos.context()?.requestId));
        response.end();
      }),
    );
    closers.push(() => server.close());
    await (await fetch(server.url, { headers: { 'x-request-id': 'r7' } })).text();
    await until(() => seen.length > 0);
    expect(seen).toEqual(['r7']);
  });
});

describe('extra listeners', () => {
  it('serve metrics and health apart, each its own paths', async () => {
    const { pharos } = testPharos({ metrics: { port: 0 }, health: { port: 0 } });
    closers.push(() => pharos.stop());
    const ports = new Map((await pharos.listening).map(({ purpose, port }) => [purpose, port]));
    const status = async (purpose: string, path: string): Promise<number> =>
      (await fetch(`http://127.0.0.1:${ports.get(purpose)}${path}`)).status;
    expect(await status('metrics', '/metrics')).toBe(200);
    expect(await status('metrics', '/health')).toBe(404);
    expect(await status('health', '/health')).toBe(200);
    expect(await status('health', '/health/ready')).toBe(200);
    expect(await status('health', '/metrics')).toBe(404);
  });

  it('share a port that both name', async () => {
    const probe = await listen(() => {});
    const port = Number(new URL(probe.url).port);
    await probe.close();
    const { pharos } = testPharos({ env: { METRICS_PORT: String(port), HEALTH_PORT: String(port) } });
    closers.push(() => pharos.stop());
    expect((await pharos.listening).map(({ purpose }) => purpose)).toEqual(['metrics and health']);
    for (const path of ['/metrics', '/health', '/ping'])
      expect((await fetch(`http://127.0.0.1:${port}${path}`)).status).toBe(200);
  });

  it('answer on loopback only to who means loopback', async () => {
    const { pharos } = testPharos({ metrics: { port: 0 } });
    closers.push(() => pharos.stop());
    const port = (await pharos.listening)[0]?.port;
    const status = (headers: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect(Number(port), '127.0.0.1');
        let text = '';
        socket.on('data', (chunk) => {
          text += chunk.toString();
        });
        socket.on('end', () => resolve(text.slice(9, 12)));
        socket.on('error', reject);
        socket.write(`GET /metrics HTTP/1.1\r\nconnection: close\r\n${headers}\r\n\r\n`);
      });
    for (const host of ['localhost', `localhost:${port}`, `127.0.0.1:${port}`, '[::1]:80', '127.9.9.9'])
      expect([host, await status(`host: ${host}`)]).toEqual([host, '200']);
    for (const host of ['evil.example', `127.0.0.1.evil.example:${port}`, 'localhost.evil', ''])
      expect([host, await status(`host: ${host}`)]).toEqual([host, '403']);
    expect(await status('host: localhost\r\nsec-fetch-site: cross-site')).toBe('403');
  });

  it('that find their port taken say so, and the service goes on', async () => {
    const taken = await listen(() => {});
    closers.push(() => taken.close());
    const { pharos, logs } = testPharos({ metrics: { port: Number(new URL(taken.url).port) } });
    closers.push(() => pharos.stop());
    expect((await pharos.listening)[0]?.port).toBeNull();
    expect(logs.messages()).toContain(
      'extra listener for metrics could not be opened; the service goes on without it',
    );
  });
});
