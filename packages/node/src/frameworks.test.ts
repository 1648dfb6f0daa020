import express from 'express';
import fastify from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import type { Pharos } from './pharos.ts';
import { type Listening, listen, sample, testPharos, until } from './testing/harness.ts';

interface App {
  readonly url: string;
  readonly pharos: Pharos;
  readonly logs: ReturnType<typeof testPharos>['logs'];
}

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The same small service in each framework: a parameter, a body, an error, an unknown path. */
const FRAMEWORKS: Record<string, () => Promise<App>> = {
  express: async () => {
    const { pharos, logs } = testPharos();
    const app = express();
    app.use(pharos.middleware());
    app.use(express.json());
    app.get('/orders/:id', (request, response) => {
      response.json({ id: request.params.id, context: pharos.context()?.requestId });
    });
    const nested = express.Router({ mergeParams: true });
    nested.get('/items', (_request, response) => void response.json({}));
    app.use('/carts/:cart', nested);
    app.post('/echo', (request, response) => {
      pharos.logger.info('echo');
      const body: unknown = request.body;
      response.json({ body, context: pharos.context()?.requestId });
    });
    app.get('/boom', () => {
      throw new TypeError('boom');
    });
    app.use(pharos.errorMiddleware());
    app.use((_error: unknown, _req: express.Request, response: express.Response, _next: unknown) => {
      response.status(500).json({});
    });
    return started(pharos, logs, await listen(app));
  },
  fastify: async () => {
    const { pharos, logs } = testPharos();
    const app = fastify();
    await app.register(pharos.fastify());
    app.get<{ Params: { id: string } }>('/orders/:id', async (request) => ({
      id: request.params.id,
      context: pharos.context()?.requestId,
    }));
    app.get('/carts/:cart/items', async () => ({}));
    app.post('/echo', async (request) => {
      pharos.logger.info('echo');
      return { body: request.body, context: pharos.context()?.requestId };
    });
    app.get('/boom', async () => {
      throw new TypeError('boom');
    });
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    closers.push(
      () => app.close(),
      () => pharos.stop(),
    );
    return { url, pharos, logs };
  },
  'bare http': async () => {
    const { pharos, logs } = testPharos();
    const handler = pharos.instrumentHttp((request, response) => {
      const url = request.url ?? '';
      const answer = (body: unknown): void => void response.end(JSON.stringify(body));
      if (url.startsWith('/orders/')) {
        pharos.setRoute('/orders/:id');
        answer({ id: url.slice(8), context: pharos.context()?.requestId });
      } else if (url.startsWith('/carts/')) {
        pharos.setRoute('/carts/:cart/items');
        answer({});
      } else if (url === '/echo') {
        pharos.setRoute('/echo');
        let text = '';
        request.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        request.on('end', () => {
          pharos.logger.info('echo');
          answer({ body: JSON.parse(text) as unknown, context: pharos.context()?.requestId });
        });
      } else if (url === '/boom') {
        pharos.setRoute('/boom');
        pharos.captureError(new TypeError('boom'));
        response.statusCode = 500;
        answer({});
      } else {
        response.statusCode = 404;
        answer({});
      }
    });
    return started(pharos, logs, await listen(handler));
  },
};

function started(pharos: Pharos, logs: App['logs'], server: Listening): App {
  closers.push(
    () => pharos.stop(),
    () => server.close(),
  );
  return { url: server.url, pharos, logs };
}

describe.each(Object.entries(FRAMEWORKS))('%s', (_name, start) => {
  it('labels requests with the route template, never with the raw URL', async () => {
    const { url } = await start();
    for (const path of ['/orders/1', '/orders/2?secret=x', '/carts/77/items', '/no/such/1', '/boom'])
      await (await fetch(url + path)).text();
    await (await fetch(`${url}/orders/3`, { method: 'PROPFIND' })).text();
    const text = await (await fetch(`${url}/metrics`)).text();
    const total = (labels: Record<string, string>): number | undefined =>
      sample(text, 'http_requests_total', labels);
    const order = { method: 'GET', route: '/orders/:id', path: '/orders/:id', status: '200' };
    expect(total(order)).toBe(2);
    expect(sample(text, 'http_request_duration_seconds_count', order)).toBe(2);
    expect(sample(text, 'response_time_ms_bucket', { ...order, le: '+Inf' })).toBe(2);
    expect(total({ route: '/carts/:cart/items' })).toBe(1);
    expect(total({ route: 'unmatched', path: 'unmatched', status: '404', method: 'GET' })).toBe(1);
    expect(total({ route: '/boom', status: '500' })).toBe(1);
    expect(sample(text, 'active_connections', { service: 'shop' })).toBe(0);
    expect(sample(text, 'errors_total', { type: 'internal', severity: 'high' })).toBe(1);
    expect(sample(text, 'error_rate', { service: 'shop', type: 'internal' })).toBeCloseTo(1 / 6);
    expect(text).not.toMatch(/PROPFIND|secret|such|\/orders\/1|\/77\//);
    expect(text).not.toContain('route="/metrics"');
  });

  it('accepts, creates and returns request ids, and keeps them through a body', async () => {
    const { url, logs } = await start();
    const given = await fetch(`${url}/echo`, {
      method: 'POST',
      body: JSON.stringify({ a: 1 }),
      headers: {
        'content-type': 'application/json',
        'x-request-id': 'req-1',
        'x-correlation-id': 'cor-1',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      },
    });
    expect(given.headers.get('x-request-id')).toBe('req-1');
    expect(given.headers.get('x-correlation-id')).toBe('cor-1');
    expect(await given.json()).toEqual({ body: { a: 1 }, context: 'req-1' });
    expect(logs.lines.find(({ message }) => message === 'echo')).toMatchObject({
      request_id: 'req-1',
      correlation_id: 'cor-1',
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      span_id: 'b7ad6b7169203331',
    });
    const forged = await fetch(`${url}/orders/1`, { headers: { 'x-request-id': 'a b{}' } });
    const created = forged.headers.get('x-request-id');
    expect(created).toMatch(/^[0-9a-f-]{36}$/);
    expect(forged.headers.get('x-correlation-id')).toBe(created);
    expect(await forged.json()).toEqual({ id: '1', context: created });
  });

  it('captures errors with the ids of their request', async () => {
    const { url, pharos } = await start();
    await (await fetch(`${url}/boom`, { headers: { 'x-request-id': 'req-9' } })).text();
    const [error] = await until(() => pharos.errors.recent().length > 0 && pharos.errors.recent());
    expect(error).toMatchObject({
      type: 'internal',
      severity: 'high',
      name: 'TypeError',
      request_id: 'req-9',
    });
    expect(error?.stack).toContain('boom');
    expect(error?.trace_id).toMatch(/^[0-9a-f]{32}$/);
  });

  it('serves ping, health, readiness and liveness', async () => {
    const { url, pharos } = await start();
    for (const path of ['/ping', '/health', '/health/ready', '/health/live', '/ready', '/live'])
      expect([path, (await fetch(url + path)).status]).toEqual([path, 200]);
    pharos.health.register('database', () => false);
    const ill = await fetch(`${url}/health`);
    expect(ill.status).toBe(503);
    expect(await ill.json()).toMatchObject({
      status: 'unhealthy',
      details: { database_status: 'unhealthy' },
    });
    expect((await fetch(`${url}/ready`)).status).toBe(503);
    expect((await fetch(`${url}/live`)).status).toBe(200);
  });
});
