import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { createTelemetry } from '../kernel/telemetry.ts';
import { httpErrors } from './errors.ts';
import { LOOPBACK_NAMES } from './gate.ts';
import { type GrpcMethod, type GrpcOptions, GrpcServer } from './grpc.ts';
import { encodeGrpcMessage, timeoutMs, writeMessage } from './grpc-messages.ts';
import { httpTelemetry } from './telemetry.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const ECHO = '/test.Echo/Say';

interface Answer {
  readonly httpStatus: number;
  readonly status: string | undefined;
  readonly message: string | undefined;
  readonly body: string;
}

async function setup(methods: Record<string, GrpcMethod>, options: Partial<GrpcOptions> = {}) {
  const grpc = new GrpcServer({
    policy: { allowedHosts: new Set(LOOPBACK_NAMES), allowedOrigins: new Set(), loginRequired: false },
    authenticator: {
      authenticate: (header) =>
        Promise.resolve(header === undefined ? null : { user: 'admin', tenants: ['default', 'blue'] }),
    },
    metrics: httpTelemetry(createTelemetry()),
    log: silentLog,
    clock: systemClock,
    methods: new Map(Object.entries(methods)),
    maxMessage: 1000,
    maxInFlight: 5000,
    ...options,
  });
  await new Promise<void>((resolve) => grpc.server.listen(0, '127.0.0.1', resolve));
  const address = grpc.server.address();
  const client = connect(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
  closing.push(async () => {
    client.destroy();
    await grpc.close(0);
  });
  return {
    grpc,
    client,
    call: (body: Buffer, headers: Record<string, string> = {}) => call(client, body, headers),
  };
}

function call(client: ClientHttp2Session, body: Buffer, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = client.request({
      ':method': 'POST',
      ':path': ECHO,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    let head: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    stream.on('response', (received) => (head = received));
    stream.on('trailers', (received) => (trailers = received));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('end', () => {
      const all = { ...head, ...trailers };
      const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
      resolve({
        httpStatus: Number(head[':status']),
        status: text(all['grpc-status']),
        message: text(all['grpc-message']),
        body: Buffer.concat(chunks).subarray(5).toString(),
      });
    });
    stream.end(body);
  });
}

const echo: GrpcMethod = ({ tenant, message }) =>
  Promise.resolve(Buffer.from(`${tenant} ${Buffer.from(message).toString()}`));
const hello = writeMessage(Buffer.from('hello'));

describe('a unary call', () => {
  it('is answered with a message and its status in the trailers', async () => {
    const { call } = await setup({ [ECHO]: echo });
    expect(await call(hello)).toEqual({
      httpStatus: 200,
      status: '0',
      message: undefined,
      body: 'default hello',
    });
  });

  it('may be compressed', async () => {
    const { call } = await setup({ [ECHO]: echo });
    const zipped = writeMessage(gzipSync('hello'));
    zipped[0] = 1;
    expect((await call(zipped, { 'grpc-encoding': 'gzip' })).body).toBe('default hello');
    expect((await call(zipped)).status).toBe('3');
    expect((await call(zipped, { 'grpc-encoding': 'snappy' })).status).toBe('12');
    const bomb = writeMessage(gzipSync(Buffer.alloc(100_000)));
    bomb[0] = 1;
    expect(await call(bomb, { 'grpc-encoding': 'gzip' })).toMatchObject({ status: '8' });
  });

  it('acts for the tenant of its credentials', async () => {
    const { call } = await setup({ [ECHO]: echo });
    const headers = { authorization: 'Bearer any', 'x-scope-orgid': 'blue' };
    expect((await call(hello, headers)).body).toBe('blue hello');
    expect((await call(hello, { 'x-scope-orgid': 'blue' })).body).toBe('default hello');
  });

  it.each<[string, Record<string, string>, string]>([
    ['another host', { ':authority': 'evil.example' }, '7'],
    ['another web site', { origin: 'https://evil.example' }, '7'],
    ['a proxy without a login', { 'x-forwarded-for': '1.2.3.4' }, '16'],
    ['a method nobody has', { ':path': '/test.Echo/Shout' }, '12'],
  ])('from %s is refused', async (_name, headers, status) => {
    const { call } = await setup({ [ECHO]: echo });
    expect(await call(hello, headers)).toMatchObject({ httpStatus: 200, status, body: '' });
  });

  it('needs a login where one is configured', async () => {
    const policy = { allowedHosts: new Set(['*']), allowedOrigins: new Set<string>(), loginRequired: true };
    const { call } = await setup({ [ECHO]: echo }, { policy });
    expect((await call(hello)).status).toBe('16');
    expect((await call(hello, { authorization: 'Bearer any' })).status).toBe('0');
  });

  it.each([
    ['no message', Buffer.alloc(0), '3'],
    ['less than was announced', hello.subarray(0, 7), '3'],
    ['two messages', Buffer.concat([hello, hello]), '3'],
    ['more than the limit', writeMessage(Buffer.alloc(1001)), '8'],
    ['far more than the limit', writeMessage(Buffer.alloc(200_000)), '8'],
  ])('with %s is refused', async (_name, body, status) => {
    const { call } = await setup({ [ECHO]: echo });
    expect((await call(body)).status).toBe(status);
    // The connection goes on.
    expect((await call(hello)).status).toBe('0');
  });

  it('ends where its client is gone during its login', async () => {
    const telemetry = createTelemetry();
    let [isAsked, letIn] = [false, (): void => {}];
    const authenticator = {
      authenticate: () =>
        new Promise<{ user: string; tenants: string[] }>((resolve) => {
          isAsked = true;
          letIn = () => resolve({ user: 'admin', tenants: ['default'] });
        }),
    };
    const { client, grpc } = await setup(
      { [ECHO]: echo },
      { authenticator, metrics: httpTelemetry(telemetry) },
    );
    let isGone = false;
    grpc.server.on('stream', (served) => served.once('close', () => (isGone = true)));
    const stream = client.request({
      ':method': 'POST',
      ':path': ECHO,
      'content-type': 'application/grpc',
      authorization: 'Bearer any',
    });
    stream.on('error', () => {});
    stream.write(hello.subarray(0, 7));
    await expect.poll(() => isAsked).toBe(true);
    client.destroy();
    // Until the server knows.
    await expect.poll(() => isGone).toBe(true);
    letIn();
    await expect
      .poll(() => telemetry.expose())
      .toContain(`pharos_http_requests_total{route="${ECHO}",method="gRPC",code="3"} 1`);
  });

  it('fails with the status and the text of the error', async () => {
    const { call } = await setup({
      [ECHO]: () =>
        Promise.reject(httpErrors.make('busy', 'too much, 100 % – come again', { retryAfterSeconds: 1 })),
    });
    expect(await call(hello)).toMatchObject({
      status: '14',
      message: 'too much, 100 %25 %E2%80%93 come again',
    });
  });

  it('says nothing about what went wrong inside', async () => {
    const { call } = await setup({ [ECHO]: () => Promise.reject(new Error('secret')) });
    const answer = await call(hello);
    expect(answer.status).toBe('13');
    expect(answer.message).not.toContain('secret');
  });

  it('ends at its deadline', async () => {
    const { call } = await setup({ [ECHO]: () => new Promise(() => {}) });
    expect((await call(hello, { 'grpc-timeout': '10m' })).status).toBe('4');
  });

  it('that is none is answered by HTTP', async () => {
    const { call } = await setup({ [ECHO]: echo });
    expect((await call(hello, { 'content-type': 'text/plain' })).httpStatus).toBe(415);
    expect((await call(hello, { ':method': 'PUT' })).httpStatus).toBe(405);
  });

  it('of the health service says that it serves', async () => {
    const { call } = await setup({});
    const answer = await call(writeMessage(Buffer.alloc(0)), { ':path': '/grpc.health.v1.Health/Check' });
    expect([answer.status, answer.body]).toEqual(['0', '\b\u0001']);
  });
});

it('closing lets the call under way end', async () => {
  let release = (): void => {};
  let started = (): void => {};
  const waiting = new Promise<void>((resolve) => (started = resolve));
  const { grpc, call } = await setup({
    [ECHO]: async ({ message }) => {
      started();
      await new Promise<void>((resolve) => (release = resolve));
      return message;
    },
  });
  const answer = call(hello);
  await waiting;
  const closed = grpc.close(60_000);
  release();
  expect((await answer).body).toBe('hello');
  await closed;
});

it.each([
  ['5S', 5000],
  ['100m', 100],
  ['2H', 7_200_000],
  ['1u', 0.001],
  ['x', undefined],
  ['123456789S', undefined],
  [undefined, undefined],
])('grpc-timeout %s is %s ms', (header, ms) => {
  expect(timeoutMs(header)).toBe(ms);
});

it('texts are percent-encoded', () => {
  expect(encodeGrpcMessage('a%b\nö')).toBe('a%25b%0A%C3%B6');
});
