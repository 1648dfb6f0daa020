import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NOW, nanos, spanId, traceId } from '../../testing/memory-traces.ts';
import { attribute, type JsonSpan } from '../../testing/otlp-json.ts';
import { openTraceApp } from '../../testing/trace-app.ts';
import { spanDoorsApi } from '../span-doors.ts';
import { zipkinApi } from './api.ts';

let traces: Awaited<ReturnType<typeof openTraceApp>>;

const root: JsonSpan = {
  traceId: traceId(0xab),
  spanId: spanId(1),
  name: 'GET /cart',
  kind: 2,
  startTimeUnixNano: nanos(NOW, 1_234n),
  endTimeUnixNano: nanos(NOW + 20, 1_234n),
  attributes: [attribute('http.status_code', 500), attribute('cached', false)],
  events: [
    { timeUnixNano: nanos(NOW + 1), name: 'exception', attributes: [attribute('exception.type', 'E')] },
    { timeUnixNano: nanos(NOW + 2), name: 'retry' },
  ],
  status: { code: 2, message: 'boom' },
};
const call: JsonSpan = {
  traceId: traceId(0xab),
  spanId: spanId(2),
  parentSpanId: spanId(1),
  name: 'call auth',
  kind: 3,
  startTimeUnixNano: nanos(NOW + 2),
  endTimeUnixNano: nanos(NOW + 3),
};
const called: JsonSpan = {
  ...call,
  spanId: spanId(3),
  parentSpanId: spanId(2),
  name: 'POST /login',
  kind: 2,
};
const other: JsonSpan = {
  ...called,
  traceId: `f${traceId(0xcd).slice(1)}`,
  parentSpanId: '',
  startTimeUnixNano: nanos(NOW + 500),
  endTimeUnixNano: nanos(NOW + 500, 400n),
};

beforeEach(async () => {
  traces = await openTraceApp((options, { doors }) => [zipkinApi(options), spanDoorsApi(doors)]);
  await traces.send('cart', [root, call]);
  await traces.send('auth-service', [called, other]);
});
afterEach(() => traces.app.close());

const get = (path: string) => traces.get(path);
const idsOf = (found: readonly (readonly { readonly traceId: string }[])[]) =>
  found.map(([span]) => span?.traceId);
const AB = traceId(0xab).slice(16);
const CD = other.traceId;

describe("Zipkin's query API (ZK-2)", () => {
  it('answers a trace in exactly its shape', async () => {
    const { status, body } = await get('/api/v2/trace/ab');
    expect(status).toBe(200);
    const scope = { 'otel.scope.name': 'lib', 'otel.scope.version': '1.2' };
    expect(body).toEqual([
      {
        traceId: AB,
        id: spanId(1),
        kind: 'SERVER',
        name: 'GET /cart',
        timestamp: NOW * 1000 + 1,
        duration: 20_000,
        localEndpoint: { serviceName: 'cart' },
        annotations: [
          { timestamp: (NOW + 1) * 1000, value: '"exception": {"exception.type":"E"}' },
          { timestamp: (NOW + 2) * 1000, value: 'retry' },
        ],
        tags: {
          'host.name': 'h-cart',
          ...scope,
          'http.status_code': '500',
          cached: 'false',
          error: 'boom',
        },
      },
      expect.objectContaining({ id: spanId(2), parentId: spanId(1), kind: 'CLIENT' }),
      expect.objectContaining({
        id: spanId(3),
        localEndpoint: { serviceName: 'auth' },
        // The name the service gave itself stays.
        tags: { 'service.name': 'auth-service', 'host.name': 'h-auth-service', ...scope },
      }),
    ]);
    expect((await get(`/zipkin/api/v2/trace/${CD}`)).body).toMatchObject([{ traceId: CD, duration: 1 }]);
    expect(await get('/api/v2/trace/ffff')).toEqual({ status: 404, body: 'trace ffff is not known' });
    expect((await get('/api/v2/trace/xyz')).status).toBe(400);
  });

  it("gives a Zipkin client's spans back as they were sent", async () => {
    const span = {
      traceId: '463ac35c9f6413ad',
      id: 'a2fb4a1d1a96d312',
      parentId: '463ac35c9f6413ad',
      name: 'get /api',
      kind: 'CLIENT',
      timestamp: NOW * 1000 + 7,
      duration: 207_000,
      localEndpoint: { serviceName: 'frontend' },
      remoteEndpoint: { serviceName: 'backend', ipv4: '192.168.99.101', port: 9000 },
      annotations: [{ timestamp: NOW * 1000 + 9, value: 'ws' }],
      tags: { 'http.path': '/api', error: '' },
    };
    const served = {
      ...span,
      kind: 'SERVER',
      shared: true,
      localEndpoint: { serviceName: 'backend' },
      remoteEndpoint: { ipv6: '2001:db8::1' },
      timestamp: NOW * 1000 + 8,
    };
    const answer = await traces.post('/api/v2/spans', [span, served]);
    expect(answer.statusCode).toBe(202);
    expect((await get('/api/v2/trace/463ac35c9f6413ad')).body).toEqual([span, served]);
  });

  it('lists names, who calls whom, and nothing for completion', async () => {
    expect((await get('/api/v2/services')).body).toEqual(['auth', 'cart']);
    expect((await get('/api/v2/spans?serviceName=cart')).body).toEqual(['GET /cart', 'call auth']);
    expect((await get('/api/v2/remoteServices?serviceName=cart')).body).toEqual(['auth']);
    expect((await get(`/api/v2/dependencies?endTs=${NOW + 1000}`)).body).toEqual([
      { parent: 'cart', child: 'auth', callCount: 1 },
    ]);
    expect((await get('/api/v2/dependencies?endTs=1000')).body).toEqual([]);
    expect((await get('/api/v2/autocompleteKeys')).body).toEqual([]);
    for (const path of ['spans', 'remoteServices', 'dependencies'])
      expect((await get(`/api/v2/${path}`)).status).toBe(400);
  });

  it.each([
    ['', [CD, AB]],
    ['serviceName=cart', [AB]],
    ['serviceName=auth-service', [CD, AB]],
    ['serviceName=auth&limit=1', [CD]],
    ['spanName=call%20auth', [AB]],
    ['minDuration=20000', [AB]],
    ['maxDuration=999', [CD]],
    ['annotationQuery=http.status_code%3D500%20and%20error', [AB]],
    ['annotationQuery=retry%20and%20cached', [AB]],
    ['annotationQuery=host.name', [CD, AB]],
    ['annotationQuery=absent', []],
    ['serviceName=cart&remoteServiceName=auth', [AB]],
    ['remoteServiceName=cart', []],
    [`endTs=${NOW + 400}`, [AB]],
    [`endTs=${NOW + 600}&lookback=200`, [CD]],
  ])('searches for %s', async (query, ids) => {
    const { status, body } = await get(`/api/v2/traces?${query}`);
    expect([status, idsOf(body)]).toEqual([200, ids]);
  });

  it('fetches several traces, and says what is wrong with a question', async () => {
    expect(idsOf((await get(`/api/v2/traceMany?traceIds=ab,${CD},ffff`)).body).sort()).toEqual(
      [AB, CD].sort(),
    );
    expect((await get('/api/v2/traceMany')).status).toBe(400);
    expect(await get('/api/v2/traces?limit=x')).toEqual({
      status: 400,
      body: 'limit "x", expected a number of traces',
    });
    expect((await get('/api/v2/traces?minDuration=5&maxDuration=4')).status).toBe(400);
    expect((await get('/api/v2/traces?endTs=-1')).status).toBe(400);
  });
});
