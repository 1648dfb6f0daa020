import { afterEach, beforeEach, expect, it } from 'vitest';
import { NOW, nanos, spanId, traceId } from '../../testing/memory-traces.ts';
import { attribute } from '../../testing/otlp-json.ts';
import { openTraceApp } from '../../testing/trace-app.ts';
import { tracesApi } from './api.ts';

let traces: Awaited<ReturnType<typeof openTraceApp>>;
const A = traceId(1);

beforeEach(async () => {
  traces = await openTraceApp((options) => [tracesApi(options)]);
  const { send } = traces;
  const span = (trace: number, id: number, parent: number, from: number, to: number) => ({
    traceId: traceId(trace),
    spanId: spanId(id),
    parentSpanId: parent === 0 ? '' : spanId(parent),
    startTimeUnixNano: nanos(NOW + from),
    endTimeUnixNano: nanos(NOW + to),
    kind: parent === 0 ? 2 : 3,
  });
  await send('gateway', [
    { ...span(1, 1, 0, 0, 100), name: 'GET /' },
    { ...span(1, 2, 1, 10, 90), name: 'call' },
  ]);
  await send('cart-service', [
    {
      ...span(1, 3, 2, 20, 80),
      name: 'GET /cart',
      kind: 2,
      status: { code: 2, message: 'no' },
      attributes: [attribute('n', 1)],
      events: [{ timeUnixNano: nanos(NOW + 30), name: 'x' }],
    },
  ]);
  await send('gateway', [{ ...span(2, 9, 0, 200, 210), name: 'GET /' }]);
  await send(
    'shop',
    Array.from({ length: 200 }, (_, i) => ({
      ...span(100 + i, 1, 0, 1000 + i, 1000 + i + (i % 20 === 0 ? 500 : 5)),
      name: 'buy',
      attributes: [attribute('region', i % 20 === 0 ? 'eu' : 'us')],
    })),
  );
});
afterEach(() => traces.app.close());

async function get(url: string) {
  const { status, body } = await traces.get(`/api/v1/traces${url}`);
  return { status, json: body };
}

it('lists traces with what they hold', async () => {
  const { json } = await get('?service=gateway');
  expect(json.traces).toEqual([
    expect.objectContaining({ trace_id: traceId(2), spans: 1, errors: 0 }),
    {
      trace_id: A,
      root_service: 'gateway',
      root_operation: 'GET /',
      start: new Date(NOW).toISOString(),
      start_ns: nanos(NOW),
      duration_ns: 100e6,
      spans: 3,
      errors: 1,
      services: [
        { service: 'gateway', spans: 2, errors: 0 },
        { service: 'cart', spans: 1, errors: 1 },
      ],
    },
  ]);
  const found = async (query: string) => (await get(query)).json.traces.length;
  expect(await found('?service=cart-service&error=true&kind=server&attribute=n=1')).toBe(1);
  expect(await found('?service=gateway&min_duration=80ms&operation=call')).toBe(1);
  expect(await found('?service=shop&limit=5')).toBe(5);
  expect((await get('?min_duration=5')).status).toBe(400);
  expect((await get('?attribute=n')).status).toBe(400);
  expect((await get('?limit=21')).status).toBe(400);
  expect((await get(`?start=${NOW}&end=${NOW - 1}`)).json.error.code).toBe('traces.badParameter');
});

it('answers a trace as columns, in pages, with its critical path', async () => {
  const { json } = await get('/1');
  expect(json).toMatchObject({ trace_id: A, total: 3, errors: 1, orphans: 0, cycles: 0, duration_ns: 100e6 });
  expect(json.rows).toEqual({
    offset: 0,
    span_id: [spanId(1), spanId(2), spanId(3)],
    parent: [-1, 0, 1],
    depth: [0, 1, 2],
    children: [1, 1, 0],
    service: [0, 0, 1],
    operation: [0, 1, 2],
    kind: [2, 3, 2],
    failed: [0, 0, 1],
    start_ns: [0, 10e6, 20e6],
    duration_ns: [100e6, 80e6, 60e6],
    skew_ns: [0, 0, 0],
  });
  expect(json.services).toEqual(['gateway', 'cart']);
  expect(json.critical_path.row).toEqual([0, 1, 2, 1, 0]);
  const later = (await get('/1?offset=2&limit=5')).json;
  expect(later.rows).toMatchObject({ offset: 2, span_id: [spanId(3)] });
  expect(later.critical_path.row).toEqual([]);
  expect(await get('/7777')).toMatchObject({ status: 404, json: { error: { code: 'traces.notFound' } } });
  expect((await get('/nothex')).status).toBe(400);
});

it('answers the pages of a trace with the spans that came between them', async () => {
  expect((await get('/1?limit=1')).json).toMatchObject({ total: 3, rows: { span_id: [spanId(1)] } });
  const late = { traceId: A, parentSpanId: spanId(1), name: 'late', kind: 3 };
  await traces.send('gateway', [
    { ...late, spanId: spanId(4), startTimeUnixNano: nanos(NOW + 95), endTimeUnixNano: nanos(NOW + 99) },
  ]);
  expect((await get('/1?offset=3&limit=1')).json).toMatchObject({ total: 4, rows: { span_id: [spanId(4)] } });
});

it('answers a span', async () => {
  expect((await get('/1/spans/3')).json).toMatchObject({
    parent_id: spanId(2),
    service: 'cart',
    status: 'error',
    status_message: 'no',
    attributes: [{ key: 'n', type: 'int', value: '1' }],
    events: [{ name: 'x', time_ns: nanos(NOW + 30), attributes: [] }],
    resource: [{ key: 'service.name', type: 'string', value: 'cart-service' }, { key: 'host.name' }],
  });
  expect((await get('/1/spans/8')).status).toBe(404);
  expect((await get('/1/spans/x')).status).toBe(400);
});

it('finds spans by what their rows do not show, whatever its case', async () => {
  const found = async (text: string) => (await get(`/1/find?q=${encodeURIComponent(text)}`)).json;
  expect(await found('n=1')).toEqual({ total: 1, span_id: [spanId(3)], warnings: [] });
  expect(await found(' SERVICE.name=Cart')).toMatchObject({ total: 1, span_id: [spanId(3)] });
  expect(await found('host.name')).toMatchObject({ total: 3 });
  expect(await found('no')).toMatchObject({ span_id: [spanId(3)] });
  expect(await found('nothing of it')).toMatchObject({ total: 0, span_id: [] });
  expect((await get('/1/find?q=n')).status).toBe(400);
  expect((await get('/7777/find?q=abc')).status).toBe(404);
});

it('compares two traces', async () => {
  const { json } = await get('/compare?a=1&b=2');
  expect(json).toMatchObject({ a: { trace_id: A, spans: 3 }, b: { spans: 1, duration_ns: 10e6 }, total: 3 });
  expect(json.places[0]).toMatchObject({
    path: [{ operation: 'GET /' }, { operation: 'call' }, { service: 'cart' }],
    a: { spans: 1, errors: 1, self_ns: 60e6 },
    b: { spans: 0 },
  });
});

it('says what the slow and the failed have in common', async () => {
  const slow = (await get('/attribution?service=shop&of=slow&percentile=95')).json;
  expect(slow).toMatchObject({ threshold_ns: 500e6, selected: 10, others: 190, limited: false });
  expect(slow.values).toMatchObject([
    { key: 'region', value: 'eu', selected: 10, others: 0, selected_share: 1, others_share: 0 },
  ]);
  const failed = (await get('/attribution?of=failed')).json;
  expect(failed).toMatchObject({ threshold_ns: null, selected: 1 });
});

it('answers the slowest first when it is asked to', async () => {
  const { json } = await get('?service=shop&order=slowest&limit=10');
  expect(json.traces.every((trace: { duration_ns: number }) => trace.duration_ns === 500e6)).toBe(true);
});

it('answers a point per trace, by the longest of its matching spans', async () => {
  const { json } = await get('/points?service=gateway');
  expect(json).toMatchObject({ total: 2, every: 1, services: ['gateway'] });
  const points = new Map(
    json.points.trace_id.map((id: string, place: number) => [
      id,
      [json.points.duration_ns[place], json.points.failed[place]],
    ]),
  );
  expect(points).toEqual(
    new Map([
      [A, [100e6, 0]],
      [traceId(2), [10e6, 0]],
    ]),
  );
  const failed = (await get('/points?service=cart&error=true')).json.points;
  expect(failed).toMatchObject({ trace_id: [A], start_ms: [NOW + 20], duration_ns: [60e6], failed: [1] });
});

it('compares traces with others by what any of their spans carries', async () => {
  const ids = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => traceId(100 + from + i));
  const all = ids(0, 200);
  const slow = all.filter((_, i) => i % 20 === 0);
  const post = async (payload: object) => {
    const answer = await traces.post('/api/v1/traces/attribution', payload);
    return { status: answer.statusCode, json: answer.json() };
  };
  const { json } = await post({ selected: slow, others: all.filter((id) => !slow.includes(id)) });
  expect(json).toMatchObject({ selected: 10, others: 190, warnings: [] });
  expect(json.values).toMatchObject([
    { service: 'shop', key: 'region', value: 'eu', selected: 10, others: 0 },
  ]);
  expect((await post({ selected: [], others: ['1'] })).status).toBe(400);
  expect((await post({ selected: ['x'], others: ['1'] })).status).toBe(400);
});
