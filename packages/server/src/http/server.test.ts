import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineErrors } from '../kernel/errors.ts';
import { silentLog } from '../kernel/log.ts';
import { createTelemetry } from '../kernel/telemetry.ts';
import { installOpenApi } from './docs.ts';
import { LOOPBACK_NAMES } from './gate.ts';
import { renderPharosError } from './render.ts';
import { addApi, createHttpApp, installNotFound } from './server.ts';
import { httpTelemetry } from './telemetry.ts';
import { openTestApp } from './testing/test-app.ts';
import type { HttpApp } from './types.ts';

const errors = defineErrors('things', { gone: { kind: 'not_found' }, busy: { kind: 'too_many' } });
let app: HttpApp;
/** For an answer that never comes. */
let isAsked = false;
afterEach(() => app.close());

const FRIEND = 'https://ops.example';

async function start(
  loginRequired = false,
  telemetry = createTelemetry(),
  login: () => Promise<void> = () => Promise.resolve(),
): Promise<HttpApp> {
  app = await createHttpApp({
    policy: { allowedHosts: new Set(LOOPBACK_NAMES), allowedOrigins: new Set([FRIEND]), loginRequired },
    authenticator: {
      authenticate: async (header) => {
        await login();
        return header === 'Bearer good' ? { user: 'admin', tenants: ['default', 'team'] } : null;
      },
    },
    metrics: httpTelemetry(telemetry),
    log: silentLog,
    maxBody: 10_000,
    maxBodiesInFlight: 2_000_000,
  });
  await addApi(
    app,
    {
      name: 'things',
      renderError: renderPharosError,
      register(scope) {
        scope.post('/things', { schema: { body: z.object({ count: z.number() }) } }, (request) => ({
          got: request.body.count,
        }));
        const optional = z.strictObject({ count: z.number().default(1) }).prefault({});
        scope.post('/optional', { schema: { body: optional } }, (request) => ({ got: request.body.count }));
        scope.post('/lists', { schema: { body: z.array(z.number()) } }, () => ({}));
        scope.post('/large', { bodyLimit: 1_000_000 }, () => ({}));
        scope.post('/raw', (request) => ({
          body: request.body === undefined ? 'none' : String(request.body).length,
          tenant: request.tenant,
        }));
        scope.get('/gone', () => {
          throw errors.make('gone', 'no such thing');
        });
        scope.get('/busy', () => {
          throw errors.make('busy', 'later', { retryAfterSeconds: 1.2 });
        });
        scope.get('/bug', () => {
          throw new Error('secret detail');
        });
        scope.get('/never', () => {
          isAsked = true;
          return new Promise(() => undefined);
        });
        scope.get('/big', () => ({ text: 'x'.repeat(5000) }));
      },
    },
    silentLog,
  );
  await addApi(
    app,
    {
      name: 'plain',
      renderError: (error) => `plain: ${error.message}`,
      register(scope) {
        scope.get('/plain', () => {
          throw errors.make('gone', 'not here');
        });
      },
    },
    silentLog,
  );
  installNotFound(app, (_request, reply) => reply.type('text/html').send('<page>'));
  await app.ready();
  return app;
}
const json = { 'content-type': 'application/json' };

describe('createHttpApp', () => {
  it('takes no body where a route has something to take its place', async () => {
    const server = await start();
    const none = await server.inject({ method: 'POST', url: '/optional' });
    expect([none.statusCode, none.json()]).toEqual([200, { got: 1 }]);
    const needed = await server.inject({ method: 'POST', url: '/things' });
    expect([needed.statusCode, needed.json()]).toMatchObject([
      400,
      { error: { message: 'body: Invalid input: expected object, received undefined' } },
    ]);
  });

  it('documents the names of parameters, and none where any are taken', async () => {
    app = await openTestApp([]);
    await installOpenApi(app, '0');
    const any = z.record(z.string(), z.unknown());
    app.get('/any/:id', { schema: { querystring: any, params: z.object({ id: z.string() }) } }, () => ({}));
    await app.ready();
    const parameters = app.swagger().paths?.['/any/{id}']?.get?.parameters;
    expect(parameters).toMatchObject([{ in: 'path', name: 'id' }]);
  });

  it('names field and expectation of an invalid body', async () => {
    const reply = await (await start()).inject({
      method: 'POST',
      url: '/things',
      headers: json,
      payload: '{"count":"many"}',
    });
    expect(reply.statusCode).toBe(400);
    expect(reply.json().error).toMatchObject({
      code: 'http.invalid',
      message: expect.stringMatching(/body\.count: .*expected number/),
    });
  });

  it('lets pages of the configured origins read answers, by preflight without a login, and no others', async () => {
    await start(true);
    const ask = (origin: string, method: 'OPTIONS' | 'GET', headers: Record<string, string>) =>
      app.inject({ method, url: '/big', headers: { origin, ...headers } });
    const preflight = {
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    };
    const allowed = await ask(FRIEND, 'OPTIONS', preflight);
    expect(allowed.statusCode).toBe(204);
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': FRIEND,
      'access-control-allow-headers': 'authorization',
    });
    const answer = await ask(FRIEND, 'GET', { authorization: 'Bearer good' });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBe(FRIEND);
    expect((await ask(FRIEND, 'GET', {})).statusCode).toBe(401);
    const foreign = await ask('https://evil.example', 'OPTIONS', preflight);
    expect(foreign.statusCode).toBe(403);
    expect(foreign.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('accepts an empty body under any content type, and refuses broken or polluting JSON', async () => {
    await start();
    expect((await app.inject({ method: 'POST', url: '/raw', headers: json })).json()).toMatchObject({
      body: 'none',
    });
    for (const payload of ['{', '{"__proto__":{"a":1}}']) {
      expect((await app.inject({ method: 'POST', url: '/raw', headers: json, payload })).statusCode).toBe(
        400,
      );
    }
  });

  it('undoes gzip under a ceiling', async () => {
    await start();
    const send = (payload: Buffer) =>
      app.inject({
        method: 'POST',
        url: '/raw',
        headers: { 'content-type': 'text/plain', 'content-encoding': 'gzip' },
        payload,
      });
    expect((await send(gzipSync('x'.repeat(9000)))).json()).toMatchObject({ body: 9000 });
    expect((await send(gzipSync('x'.repeat(5_000_000)))).statusCode).toBe(413);
    const zstd = await app.inject({
      method: 'POST',
      url: '/raw',
      headers: { 'content-type': 'text/plain', 'content-encoding': 'zstd' },
      payload: 'x',
    });
    expect([zstd.statusCode, zstd.json().error.message]).toEqual([415, expect.stringContaining('zstd')]);
    expect((await send(Buffer.from('not gzip'))).json().error.message).toContain('not valid gzip');
  });

  it('maps errors once, keeps each API its own shape, and hides bugs', async () => {
    await start();
    expect((await app.inject('/gone')).json()).toEqual({
      error: { code: 'things.gone', message: 'no such thing' },
    });
    const busy = await app.inject('/busy');
    expect([busy.statusCode, busy.headers['retry-after']]).toEqual([429, '2']);
    expect((await app.inject('/plain')).body).toBe('plain: not here');
    const bug = await app.inject('/bug');
    expect(bug.statusCode).toBe(500);
    expect(bug.body).not.toContain('secret detail');
  });

  it('gates every route, known or not', async () => {
    await start(true);
    for (const url of ['/things', '/gone', '/nowhere', '/api/nowhere']) {
      const reply = await app.inject(url);
      expect([reply.statusCode, reply.headers['www-authenticate']]).toEqual([
        401,
        expect.stringContaining('Basic'),
      ]);
    }
    expect((await app.inject({ url: '/gone', headers: { authorization: 'Bearer good' } })).statusCode).toBe(
      404,
    );
    expect(
      (await app.inject({ url: '/gone', headers: { authorization: 'Bearer good', host: 'evil.example' } }))
        .statusCode,
    ).toBe(403);
  });

  it('takes the tenant header only from credentials that may use it', async () => {
    await start();
    const ask = async (headers: Record<string, string>) =>
      (await app.inject({ method: 'POST', url: '/raw', headers: { ...json, ...headers } })).json().tenant;
    expect(await ask({ 'x-scope-orgid': 'team' })).toBe('default');
    expect(await ask({ 'x-scope-orgid': 'team', authorization: 'Bearer good' })).toBe('team');
    expect(await ask({ 'x-scope-orgid': 'other', authorization: 'Bearer good' })).toBe('default');
  });

  it('answers unknown API paths with an error and pages with the shell', async () => {
    await start();
    const html = { accept: 'text/html' };
    expect((await app.inject({ url: '/api/nope', headers: html })).statusCode).toBe(404);
    expect((await app.inject({ url: '/-/nope', headers: html })).statusCode).toBe(404);
    expect((await app.inject({ url: '/services/order', headers: html })).body).toBe('<page>');
    expect((await app.inject('/services/order')).statusCode).toBe(404);
  });

  it('sends security headers everywhere and compresses large answers', async () => {
    await start();
    const reply = await app.inject({ url: '/big', headers: { 'accept-encoding': 'gzip' } });
    expect(reply.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-encoding': 'gzip',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    const refused = { url: '/gone', headers: { host: 'evil.example' } };
    for (const request of [{ url: '/gone' }, refused])
      expect((await app.inject(request)).headers['x-frame-options']).toBe('DENY');
  });

  it('tells a few faults of a body, never many times what was sent', async () => {
    await start();
    const send = (type: string, payload: string) =>
      app.inject({ method: 'POST', url: '/optional', headers: { 'content-type': type }, payload });
    const bytes = await send('application/x-ndjson', '{"a":1}\n'.repeat(1000));
    expect([bytes.statusCode, bytes.json().error.message]).toEqual([
      415,
      'Content-Type "application/x-ndjson" is not read here; expected application/json',
    ]);
    const untyped = await app.inject({ method: 'POST', url: '/optional', payload: Buffer.from('{}') });
    expect([untyped.statusCode, untyped.json().error.message]).toEqual([
      415,
      'the body has no Content-Type; expected application/json',
    ]);
    const keys = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`k${i}`, 1]));
    const many = await send('application/json', JSON.stringify(keys));
    expect(many.statusCode).toBe(400);
    expect(many.json().error.message).toMatch(/^body: Unrecognized keys: "k0", "k1".*…$/);
    expect(many.body.length).toBeLessThan(1000);
    const counts = {
      method: 'POST',
      url: '/lists',
      headers: json,
      payload: JSON.stringify(Array(500).fill('x')),
    } as const;
    const { message, details } = (await app.inject(counts)).json().error;
    expect(details.problems).toHaveLength(20);
    expect(message).toMatch(/^body\.0: .*; body\.19: .*; and 480 more$/);
  });

  it('answers the next request on a connection on which a large body was refused', async () => {
    await start();
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo; // oxlint-disable-line typescript/no-unsafe-type-assertion -- it listens on a port
    // More than any buffer on the way takes, less than the limit of the route.
    const head =
      'POST /large HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: nonsense\r\ncontent-length: 500000\r\n\r\n';
    const next = 'GET /big HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n';
    const socket = connect(port, '127.0.0.1');
    let answers = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answers += text));
    socket.write(head + '['.repeat(500_000) + next);
    await once(socket, 'close');
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 415', 'HTTP/1.1 200']);
  });

  it('ends a connection whose client goes on sending what was refused', async () => {
    await start();
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo; // oxlint-disable-line typescript/no-unsafe-type-assertion -- it listens on a port
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    let answers = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answers += text));
    socket.write(
      'POST /large HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: nonsense\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    const send = (): void => void (socket.writable && socket.write(chunk) && setImmediate(send));
    socket.on('drain', send);
    send();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(answers).toMatch(/^HTTP\/1\.1 415/);
  });

  it('holds nothing of bodies whose clients are gone during their login', async () => {
    let waiting = 0;
    let letIn = (): void => {};
    const login = new Promise<void>((resolve) => (letIn = resolve));
    await start(true, undefined, () => {
      waiting++;
      return login;
    });
    const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    let gone = 0;
    app.server.on('request', (_request, answer) => answer.once('close', () => gone++));
    // Together more than may be held.
    const sockets = Array.from({ length: 40 }, () => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => {});
      socket.write(
        'POST /large HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\nContent-Type: text/plain\r\nContent-Length: 60000\r\n\r\nx',
      );
      return socket;
    });
    await expect.poll(() => waiting).toBe(40);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => gone).toBe(40);
    letIn();
    await new Promise((resolve) => setImmediate(resolve));
    const answer = await app.inject({
      method: 'POST',
      url: '/large',
      headers: { host: 'localhost', authorization: 'Bearer good', 'content-type': 'text/plain' },
      payload: 'x'.repeat(60_000),
    });
    expect(answer.statusCode).toBe(200);
  });

  it('counts what was answered, and what its client left before', async () => {
    const telemetry = createTelemetry();
    await start(false, telemetry);
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    expect((await fetch(`${url}/big`)).status).toBe(200);
    const left = new AbortController();
    const asked = fetch(`${url}/never`, { signal: left.signal }).catch((thrown: unknown) => thrown);
    const counts = async (): Promise<string[]> =>
      (await telemetry.expose())
        .split('\n')
        .filter((line) => /^pharos_http_request.*(total|count)\{/.test(line));
    const answered = [
      'pharos_http_requests_total{route="/big",method="GET",code="200"} 1',
      'pharos_http_request_duration_seconds_count{route="/big"} 1',
    ];
    await expect.poll(counts).toEqual(answered);
    await expect.poll(() => isAsked).toBe(true);
    left.abort();
    await asked;
    await expect
      .poll(counts)
      .toEqual([
        answered[0],
        'pharos_http_requests_total{route="/never",method="GET",code="499"} 1',
        answered[1],
        'pharos_http_request_duration_seconds_count{route="/never"} 1',
      ]);
    // The client opened another connection in place of the one it ended, which is not idle before its first request.
    app.server.closeAllConnections();
  });
});
