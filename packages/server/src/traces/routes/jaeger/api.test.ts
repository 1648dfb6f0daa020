import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NOW, nanos, requestOf, spanId, traceId } from '../../testing/memory-traces.ts';
import { attribute, type JsonSpan } from '../../testing/otlp-json.ts';
import { openTraceApp } from '../../testing/trace-app.ts';
import { zipkinApi } from '../zipkin/api.ts';
import { jaegerApi } from './api.ts';
import { goDuration } from './durations.ts';
import { jaegerV3Api } from './v3.ts';

let traces: Awaited<ReturnType<typeof openTraceApp>>;

const root: JsonSpan = {
  traceId: traceId(0xab),
  spanId: spanId(1),
  name: 'GET /cart',
  kind: 2,
  startTimeUnixNano: nanos(NOW, 1_234n),
  endTimeUnixNano: nanos(NOW + 20, 1_234n),
  attributes: [
    attribute('http.status_code', 500),
    attribute('ratio', 0.5),
    attribute('cached', false),
    { key: 'big', value: { intValue: '9007199254740993' } },
    { key: 'raw', value: { bytesValue: 'AAH/' } },
    { key: 'list', value: { arrayValue: { values: [{ intValue: '1' }] } } },
  ],
  events: [
    { timeUnixNano: nanos(NOW + 1), name: 'exception', attributes: [attribute('exception.type', 'E')] },
  ],
  links: [{ traceId: traceId(7), spanId: spanId(7) }],
  status: { code: 2, message: 'boom' },
  flags: 1,
};
const child: JsonSpan = {
  traceId: traceId(0xab),
  spanId: spanId(2),
  parentSpanId: spanId(1),
  name: 'SELECT',
  kind: 3,
  startTimeUnixNano: nanos(NOW + 2),
  endTimeUnixNano: nanos(NOW + 3),
};
const other: JsonSpan = {
  ...child,
  traceId: traceId(0xcd),
  spanId: spanId(3),
  parentSpanId: '',
  name: 'GET /ping',
  kind: 2,
};

beforeEach(async () => {
  traces = await openTraceApp((options) => [jaegerApi(options), jaegerV3Api(options)]);
  await traces.send('cart/v1', [root, child]);
  await traces.send('auth-service', [other]);
});
afterEach(() => traces.app.close());

async function get(url: string) {
  const { status, body } = await traces.get(url);
  return { status, json: body };
}

describe("Jaeger's query API", () => {
  it('answers a trace in exactly its shape (JA-2, JA-3, JA-6)', async () => {
    const { status, json } = await get('/api/traces/ab');
    expect(status).toBe(200);
    expect(json).toEqual({
      data: [
        {
          traceID: traceId(0xab),
          spans: [
            {
              traceID: traceId(0xab),
              spanID: spanId(1),
              flags: 1,
              operationName: 'GET /cart',
              references: [{ refType: 'FOLLOWS_FROM', traceID: traceId(7), spanID: spanId(7) }],
              startTime: NOW * 1000 + 1,
              duration: 20_000,
              tags: [
                { key: 'otel.scope.name', type: 'string', value: 'lib' },
                { key: 'otel.scope.version', type: 'string', value: '1.2' },
                { key: 'http.status_code', type: 'int64', value: 500 },
                { key: 'ratio', type: 'float64', value: 0.5 },
                { key: 'cached', type: 'bool', value: false },
                { key: 'big', type: 'int64', value: '9007199254740993' },
                { key: 'raw', type: 'binary', value: 'AAH/' },
                { key: 'list', type: 'string', value: '[1]' },
                { key: 'span.kind', type: 'string', value: 'server' },
                { key: 'otel.status_code', type: 'string', value: 'ERROR' },
                { key: 'error', type: 'bool', value: true },
                { key: 'otel.status_description', type: 'string', value: 'boom' },
              ],
              logs: [
                {
                  timestamp: (NOW + 1) * 1000,
                  fields: [
                    { key: 'event', type: 'string', value: 'exception' },
                    { key: 'exception.type', type: 'string', value: 'E' },
                  ],
                },
              ],
              processID: 'p1',
              warnings: null,
            },
            expect.objectContaining({
              spanID: spanId(2),
              references: [{ refType: 'CHILD_OF', traceID: traceId(0xab), spanID: spanId(1) }],
              processID: 'p1',
              logs: [],
            }),
          ],
          processes: {
            p1: { serviceName: 'cart/v1', tags: [{ key: 'host.name', type: 'string', value: 'h-cart/v1' }] },
          },
          warnings: null,
        },
      ],
      total: 0,
      limit: 0,
      offset: 0,
      errors: null,
    });
    expect((await get(`/jaeger/api/traces/${traceId(0xab).toUpperCase()}`)).json).toEqual(json);
  });

  it('lists services and operations, by names that hold a slash too (JA-5)', async () => {
    expect((await get('/jaeger/api/services')).json).toEqual({
      data: ['auth', 'cart/v1'],
      total: 2,
      limit: 0,
      offset: 0,
      errors: null,
    });
    expect((await get('/api/services/cart%2Fv1/operations')).json.data).toEqual(['GET /cart', 'SELECT']);
    expect((await get('/api/operations?service=cart%2Fv1&spanKind=client')).json.data).toEqual([
      { name: 'SELECT', spanKind: 'client' },
    ]);
  });

  it('searches by what the UI and Grafana send', async () => {
    const ids = async (query: string): Promise<string[]> =>
      (await get(`/api/traces?${query}`)).json.data.map(({ traceID }: { traceID: string }) => traceID);
    const cart = 'service=cart%2Fv1';
    expect(await ids(`${cart}&lookback=1h&limit=20&maxDuration=&minDuration=`)).toEqual([traceId(0xab)]);
    expect(await ids('service=auth-service')).toEqual([traceId(0xcd)]);
    expect(await ids(`${cart}&operation=SELECT`)).toEqual([traceId(0xab)]);
    expect(
      await ids(`${cart}&tags=${encodeURIComponent('{"error":"true","http.status_code":"500"}')}`),
    ).toEqual([traceId(0xab)]);
    expect(await ids(`${cart}&tag=http.status_code:500&tag=big:9007199254740993`)).toEqual([traceId(0xab)]);
    expect(await ids(`${cart}&tag=http.status_code:501`)).toEqual([]);
    expect(await ids(`${cart}&minDuration=19.5ms&maxDuration=20ms`)).toEqual([traceId(0xab)]);
    expect(await ids(`${cart}&minDuration=21ms`)).toEqual([]);
    expect(await ids(`${cart}&start=${(NOW + 1000) * 1000}&end=${(NOW + 2000) * 1000}`)).toEqual([]);
    expect(await ids(`traceID=cd&traceID=ab&traceID=99`)).toEqual([traceId(0xcd), traceId(0xab)]);
  });

  it('words what is wrong in its envelope (JA-1, JA-5)', async () => {
    const wrong = async (url: string) => {
      const { status, json } = await get(url);
      expect(json).toMatchObject({ data: null, errors: [{ code: status }] });
      return `${status} ${json.errors[0].msg}`;
    };
    expect(await wrong('/api/traces/99')).toBe('404 trace not found');
    expect(await wrong('/api/traces/xyz')).toMatch(/^400 trace id "xyz"/);
    expect(await wrong('/api/traces')).toBe("400 parameter 'service' is required");
    expect(await wrong('/api/operations')).toBe("400 parameter 'service' is required");
    expect(await wrong('/api/traces?service=a&limit=x')).toMatch(/^400 unable to parse param 'limit'/);
    expect(await wrong('/api/traces?service=a&start=x')).toMatch(/^400 unable to parse param 'start'/);
    expect(await wrong('/api/traces?service=a&minDuration=5')).toMatch(
      /^400 unable to parse param 'minDuration'/,
    );
    expect(await wrong('/api/traces?service=a&minDuration=2s&maxDuration=1s')).toBe(
      "400 'maxDuration' should be greater than 'minDuration'",
    );
    expect(await wrong('/api/traces?service=a&tag=x')).toMatch(/^400 malformed 'tag' parameter/);
    expect(await wrong('/api/traces?service=a&tags=x')).toMatch(/^400 malformed 'tags' parameter/);
    expect(await wrong('/api/metrics/latencies')).toMatch(/^501 /);
  });
});

it("shows a file with OTLP's JSON as a trace, and stores nothing of it", async () => {
  const stored = await get('/api/traces/ab');
  const shown = await traces.post('/api/transform', requestOf('cart/v1', [root, child]));
  expect([shown.statusCode, shown.json()]).toEqual([200, stored.json]);
  const unknown = { ...child, traceId: traceId(0xee) };
  const both = await traces.post('/jaeger/api/transform', requestOf('cart', [unknown, other]));
  expect(both.json().data.map(({ traceID }: { traceID: string }) => traceID)).toEqual([
    traceId(0xee),
    traceId(0xcd),
  ]);
  expect((await get('/api/traces/ee')).status).toBe(404);
  for (const wrong of [{}, [], { resourceSpans: 1 }, requestOf('x', [{ ...child, traceId: 'xyz' }])]) {
    const answer = await traces.post('/api/transform', wrong);
    expect([answer.statusCode, answer.json().errors[0].code]).toEqual([400, 400]);
  }
});

it('leaves out whole traces when there are too many spans, the oldest first, and says so in each of the others', async () => {
  const small = await openTraceApp(
    (options) => [jaegerApi(options), jaegerV3Api(options), zipkinApi(options)],
    {
      max_trace_spans: 5,
    },
  );
  const spansOf = (trace: number, count: number, ms: number): JsonSpan[] =>
    Array.from({ length: count }, (_, i) => ({
      ...child,
      traceId: traceId(trace),
      spanId: spanId(i + 1),
      startTimeUnixNano: nanos(NOW + ms + i),
      endTimeUnixNano: nanos(NOW + ms + i + 1),
    }));
  await small.send('cart', [...spansOf(1, 3, 0), ...spansOf(2, 3, 100), ...spansOf(3, 2, 200)]);
  const answer = await small.get('/api/traces?service=cart');
  const shape = ({ traceID, spans, warnings }: { traceID: string; spans: unknown[]; warnings: unknown }) => [
    traceID,
    spans.length,
    warnings,
  ];
  const warnings = [
    '1 of 3 traces are left out: together they have more than 5 spans (traces.max_trace_spans)',
  ];
  expect(answer.body.data.map(shape)).toEqual([
    [traceId(3), 2, warnings],
    [traceId(2), 3, warnings],
  ]);
  expect((await small.get('/api/v2/traces?serviceName=cart')).body).toHaveLength(2);
  const window = `query.startTimeMin=${new Date(NOW - 1000).toISOString()}&query.startTimeMax=${new Date(NOW + 9000).toISOString()}`;
  for (const url of ['/api/v2/traces?serviceName=cart', `/api/v3/traces?query.serviceName=cart&${window}`])
    expect(await small.warningOf(url)).toBe(`199 pharos "${warnings[0]}"`);
  expect(await small.warningOf(`/api/v3/traces/${traceId(1)}`)).toBeUndefined();
  await small.send('cart', spansOf(4, 7, 300));
  const cut = ['only 5 spans were read: traces.max_trace_spans'];
  expect((await small.get('/api/traces/4')).body.data.map(shape)).toEqual([[traceId(4), 5, cut]]);
  expect((await small.get('/api/traces?service=cart')).body.data.map(shape)).toEqual([
    [traceId(4), 5, [warnings[0]?.replace('1 of 3', '3 of 4'), ...cut]],
  ]);
  await small.app.close();
});

describe("Jaeger's query API v3 (JA-7)", () => {
  it('answers a trace as OTLP, as it was sent', async () => {
    const { status, json } = await get('/api/v3/traces/ab');
    expect(status).toBe(200);
    const [group] = requestOf('cart/v1', [root, child]).resourceSpans;
    const [sent] = group?.scopeSpans ?? [];
    const withDefaults = ({ links, ...span }: JsonSpan) => ({
      attributes: [],
      events: [],
      status: {},
      ...span,
      links: (links ?? []).map((link) => ({ attributes: [], ...link })),
    });
    expect(json).toEqual({
      result: {
        resourceSpans: [{ ...group, scopeSpans: [{ ...sent, spans: [root, child].map(withDefaults) }] }],
      },
    });
  });

  it('searches, with both spellings and a plus that became a blank', async () => {
    const times = `query.startTimeMin=${new Date(NOW - 1000).toISOString()}&query.start_time_max=${new Date(NOW + 9000).toISOString().replace('Z', '123456+00:00')}`;
    const found = await get(`/api/v3/traces?query.service_name=auth-service&${times}&query.searchDepth=5`);
    expect(found.json.result.resourceSpans[0].scopeSpans[0].spans[0].traceId).toBe(traceId(0xcd));
    const tags = encodeURIComponent('{"http.status_code":"500"}');
    expect(
      (await get(`/api/v3/traces?query.serviceName=cart%2Fv1&query.attributes=${tags}&${times}`)).status,
    ).toBe(200);
    expect(await get(`/api/v3/traces?query.serviceName=none&${times}`)).toEqual({
      status: 404,
      json: { error: { httpCode: 404, message: 'No traces found' } },
    });
    expect((await get('/api/v3/traces?query.serviceName=none')).json.error.httpCode).toBe(400);
    expect((await get(`/api/v3/traces?${times}&query.searchDepth=0`)).status).toBe(400);
    expect((await get('/api/v3/services')).json).toEqual({ services: ['auth', 'cart/v1'] });
    expect((await get('/api/v3/operations?service=cart%2Fv1')).json).toEqual({
      operations: [
        { name: 'GET /cart', spanKind: 'server' },
        { name: 'SELECT', spanKind: 'client' },
      ],
    });
  });
});

it("reads Go's durations", () => {
  for (const [text, nanoseconds] of [
    ['1.5ms', 1.5e6],
    ['1h2m3s', 3723e9],
    ['100us', 1e5],
    ['2µs', 2000],
    ['0', 0],
    ['.5s', 5e8],
  ] as const)
    expect(goDuration(text)).toBeCloseTo(nanoseconds, 3);
  for (const text of ['', '5', 's', '-1s', '1d', '1.5', '1s ', 'x1s']) expect(goDuration(text)).toBeNull();
  fc.assert(fc.property(fc.string(), (text) => goDuration(text) === null || /[0-9]/.test(text)));
});
