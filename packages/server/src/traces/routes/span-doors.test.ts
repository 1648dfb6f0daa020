import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp } from '../../http/testing/test-app.ts';
import type { HttpApp } from '../../http/types.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { ProtobufWriter } from '../../kernel/wire/protobuf-writer.ts';
import { SpanDoors } from '../ingest/doors.ts';
import { THRIFT } from '../ingest/jaeger/thrift.ts';
import { tracesTelemetry } from '../telemetry.ts';
import { MemorySpanSink } from '../testing/memory-sink.ts';
import { type ThriftStruct, thriftBytes } from '../testing/thrift-writer.ts';
import { spanDoorsApi } from './span-doors.ts';

let app: HttpApp;
let sink: MemorySpanSink;
const T = 1_700_000_000_000_123n;

beforeEach(async () => {
  sink = new MemorySpanSink();
  const telemetry = tracesTelemetry(createTelemetry(), () => ({
    sources: 0,
    sourceBytes: 0,
    pendingSpans: 0,
    pendingBytes: 0,
    answerBytes: 0,
  }));
  app = await openTestApp([
    spanDoorsApi(new SpanDoors({ sink, telemetry, breathe: () => Promise.resolve() })),
  ]);
});
afterEach(() => app.close());

async function post(url: string, type: string, payload: Buffer | string, headers: object = {}) {
  const answer = await app.inject({
    method: 'POST',
    url,
    payload,
    headers: { host: 'localhost', 'content-type': type, ...headers },
  });
  return { status: answer.statusCode, body: answer.body };
}

describe('Jaeger Thrift over HTTP (JT-1, JT-2)', () => {
  const THRIFT_TYPE = 'application/x-thrift';
  const tag = (key: string, vType: number, value: ThriftStruct): ThriftStruct => ({
    1: { string: key },
    2: { i32: vType },
    ...value,
  });
  const batch: ThriftStruct = {
    2: {
      list: [
        {
          1: { i64: 0xfedcba9876543210n },
          2: { i64: 0x0123456789abcdefn },
          3: { i64: 0xffffffffffffffffn },
          4: { i64: 0n },
          5: { string: 'GET /' },
          6: {
            list: [
              {
                1: { i32: 0 },
                2: { i64: 0xfedcba9876543210n },
                3: { i64: 0x0123456789abcdefn },
                4: { i64: 5n },
              },
              { 1: { i32: 1 }, 2: { i64: 7n }, 3: { i64: 0n }, 4: { i64: 8n } },
            ],
          },
          7: { i32: 1 },
          8: { i64: T },
          9: { i64: 1500n },
          10: {
            list: [
              tag('span.kind', 0, { 3: { string: 'server' } }),
              tag('error', 2, { 5: { bool: true } }),
              tag('n', 3, { 6: { i64: -5n } }),
              tag('d', 1, { 4: { double: 0.5 } }),
              tag('b', 4, { 7: { string: Buffer.of(0, 255) } }),
            ],
          },
          11: {
            list: [
              {
                1: { i64: T + 1n },
                2: {
                  list: [tag('event', 0, { 3: { string: 'retry' } }), tag('k', 0, { 3: { string: 'v' } })],
                },
              },
            ],
          },
        },
      ],
    },
    1: { struct: { 1: { string: 'cart' }, 2: { list: [tag('host', 0, { 3: { string: 'h' } })] } } },
    9: { struct: { 1: { list: [] } } },
  };

  it('takes a batch, ids unsigned, tags with their types', async () => {
    expect(await post('/api/traces?format=jaeger.thrift', THRIFT_TYPE, thriftBytes(batch))).toEqual({
      status: 202,
      body: '',
    });
    expect(sink.spans).toEqual([
      {
        source: {
          resource: [
            { key: 'service.name', type: 's', value: 'cart' },
            { key: 'host', type: 's', value: 'h' },
          ],
          scopeName: '',
          scopeVersion: '',
          scope: [],
          schemaUrl: '',
        },
        ids: '0123456789abcdeffedcba9876543210ffffffffffffffff0000000000000005',
        start: T * 1000n,
        end: (T + 1500n) * 1000n,
        kind: 2,
        status: 2,
        name: 'GET /',
        statusMessage: '',
        traceState: '',
        flags: 1,
        attributes: [
          { key: 'error', type: 'b', value: 'true' },
          { key: 'n', type: 'i', value: '-5' },
          { key: 'd', type: 'd', value: '0.5' },
          { key: 'b', type: 'x', value: 'AP8=' },
        ],
        events: [
          { time: (T + 1n) * 1000n, name: 'retry', attributes: [{ key: 'k', type: 's', value: 'v' }] },
        ],
        links: [
          {
            traceId: '00000000000000000000000000000007',
            spanId: '0000000000000008',
            traceState: '',
            flags: 0,
            attributes: [],
          },
        ],
      },
    ]);
  });

  it('answers 400 in words for another type and a body that is none', async () => {
    expect(await post('/api/traces', 'application/json', '{}')).toMatchObject({ status: 400 });
    expect(await post('/api/traces', THRIFT_TYPE, Buffer.of(15, 0, 2))).toEqual({
      status: 400,
      body: expect.stringMatching(/^Thrift: an unexpected end at byte/),
    });
  });

  it('refuses lists within lists without end, and tags without number', async () => {
    const level = Buffer.of(THRIFT.list, 0, 0, 0, 1);
    const nested = Buffer.concat([
      Buffer.of(THRIFT.list, 0, 9),
      ...Array.from({ length: 50_000 }, () => level),
    ]);
    expect(await post('/api/traces', THRIFT_TYPE, nested)).toEqual({
      status: 400,
      body: expect.stringContaining('nested more than 32 deep') as string,
    });
    const tags = { list: Array.from({ length: 20_001 }, () => ({})) };
    const answer = await post('/api/traces', THRIFT_TYPE, thriftBytes({ 1: { struct: { 2: tags } } }));
    expect(answer).toEqual({
      status: 400,
      body: expect.stringContaining('a list of more than 20000 attributes') as string,
    });
  });

  it('reads any bytes or refuses them, lists that lie about their length too', async () => {
    const whole = thriftBytes(batch);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(whole.length),
        async (flips, cut) => {
          const body = Buffer.from(whole);
          for (const [at, byte] of flips) body[at] = byte;
          const { status } = await post('/api/traces', THRIFT_TYPE, body.subarray(0, cut));
          expect([202, 400]).toContain(status);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('Zipkin v2 JSON (ZK-1)', () => {
  const JSON_TYPE = 'application/json';
  const span = {
    traceId: '463ac35c9f6413ad',
    id: 'A2FB4A1D1A96D312',
    parentId: '463ac35c9f6413ad',
    name: 'get /api',
    kind: 'CLIENT',
    timestamp: Number(T),
    duration: 207_000,
    shared: true,
    localEndpoint: { serviceName: 'frontend', ipv4: '127.0.0.1' },
    remoteEndpoint: { serviceName: 'backend', ipv4: '192.168.99.101', port: 9000 },
    annotations: [{ timestamp: Number(T + 5n), value: 'ws' }],
    tags: { 'http.path': '/api', error: '', __proto__x: 'y' },
  };

  it('takes a list, also compressed', async () => {
    const answer = await post(
      '/api/v2/spans',
      JSON_TYPE,
      gzipSync(JSON.stringify([span, { ...span, kind: 'SERVER' }])),
      {
        'content-encoding': 'gzip',
      },
    );
    expect(answer).toEqual({ status: 202, body: '' });
    expect(sink.spans).toHaveLength(2);
    expect(sink.spans[0]).toMatchObject({
      source: { resource: [{ key: 'service.name', type: 's', value: 'frontend' }] },
      ids: '0000000000000000463ac35c9f6413ada2fb4a1d1a96d312463ac35c9f6413ad',
      start: T * 1000n,
      end: (T + 207_000n) * 1000n,
      kind: 3,
      status: 2,
      name: 'get /api',
      attributes: [
        { key: 'peer.service', type: 's', value: 'backend' },
        { key: 'network.peer.address', type: 's', value: '192.168.99.101' },
        { key: 'network.peer.port', type: 'i', value: '9000' },
        { key: 'http.path', type: 's', value: '/api' },
        { key: 'error', type: 's', value: '' },
        { key: '__proto__x', type: 's', value: 'y' },
      ],
      events: [{ time: (T + 5n) * 1000n, name: 'ws', attributes: [] }],
    });
    expect(sink.spans[1]?.kind).toBe(2);
    expect((await post('/api/v2/spans', JSON_TYPE, '[]')).status).toBe(202);
  });

  it('tells of ids that are none, and of bodies that are none', async () => {
    await post('/api/v2/spans', JSON_TYPE, JSON.stringify([{ ...span, traceId: 'xyz' }]));
    expect(sink.refused).toEqual([{ reason: 'bad_id', message: 'traceId "xyz", expected 32 hex digits' }]);
    for (const body of ['{}', '[1]', '[{"timestamp":"x"}]', '[{"tags":[]}]', '[{"tags":{"a":{}}}]', '[', 'x'])
      expect((await post('/api/v2/spans', JSON_TYPE, body)).status).toBe(400);
    expect((await post('/api/v2/spans', 'text/plain', '[]')).status).toBe(400);
  });

  it('reads any bytes or refuses them', async () => {
    const whole = Buffer.from(JSON.stringify([span, span]));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.nat(whole.length),
        async (flips, cut) => {
          const body = Buffer.from(whole);
          for (const [at, byte] of flips) body[at] = byte;
          expect([202, 400]).toContain(
            (await post('/api/v2/spans', JSON_TYPE, body.subarray(0, cut))).status,
          );
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('Zipkin v2 protobuf (ZK-1)', () => {
  const TYPE = 'application/x-protobuf';
  const ipv6 = Buffer.from('20010db8000000000000000000000001', 'hex');
  const micros = (writer: ProtobufWriter, field: number, value: bigint) =>
    writer.words(field, Number(value & 0xffffffffn), Number(value >> 32n));

  interface Given {
    traceId?: string;
    id?: string;
    kind?: number;
    timestamp?: bigint;
  }
  function span(writer: ProtobufWriter, given: Given = {}): void {
    writer.message(1, (one) => {
      one.range(1, Buffer.from(given.traceId ?? '463ac35c9f6413ad', 'hex'));
      one.range(2, Buffer.from('463ac35c9f6413ad', 'hex'));
      one.range(3, Buffer.from(given.id ?? 'a2fb4a1d1a96d312', 'hex'));
      one.varint(4, given.kind ?? 1).text(5, 'get /api');
      micros(one, 6, given.timestamp ?? T);
      one.varint(7, 207_000);
      one.message(8, (local) => local.text(1, 'frontend').range(2, Buffer.of(127, 0, 0, 1)));
      one.message(9, (remote) => remote.text(1, 'backend').range(3, ipv6).varint(4, 9000));
      one.message(10, (annotation) => micros(annotation, 1, T + 5n).text(2, 'ws'));
      one.message(11, (tag) => tag.text(1, 'http.path').text(2, '/api'));
      one.message(11, (tag) => tag.text(1, 'error').text(2, 'no stock'));
      one.varint(12, 1).varint(13, 1);
    });
  }
  function bodyOf(...given: Given[]): Buffer {
    const writer = new ProtobufWriter();
    for (const one of given) span(writer, one);
    return Buffer.from(writer.bytes);
  }

  it('takes a list and keeps what the JSON says', async () => {
    const body = gzipSync(bodyOf({}, { kind: 2, traceId: '0123456789abcdef463ac35c9f6413ad' }));
    expect(await post('/api/v2/spans', TYPE, body, { 'content-encoding': 'gzip' })).toEqual({
      status: 202,
      body: '',
    });
    expect(sink.refused).toEqual([]);
    expect(sink.spans[0]).toMatchObject({
      source: { resource: [{ key: 'service.name', type: 's', value: 'frontend' }] },
      ids: '0000000000000000463ac35c9f6413ada2fb4a1d1a96d312463ac35c9f6413ad',
      start: T * 1000n,
      end: (T + 207_000n) * 1000n,
      kind: 3,
      status: 2,
      statusMessage: 'no stock',
      name: 'get /api',
      flags: 1,
      attributes: [
        { key: 'peer.service', type: 's', value: 'backend' },
        { key: 'network.peer.address', type: 's', value: '2001:db8::1' },
        { key: 'network.peer.port', type: 'i', value: '9000' },
        { key: 'http.path', type: 's', value: '/api' },
        { key: 'error', type: 's', value: 'no stock' },
      ],
      events: [{ time: (T + 5n) * 1000n, name: 'ws', attributes: [] }],
    });
    expect(sink.spans[1]).toMatchObject({
      kind: 2,
      ids: '0123456789abcdef463ac35c9f6413ada2fb4a1d1a96d312463ac35c9f6413ad',
    });
    expect((await post('/api/v2/spans', TYPE, '')).status).toBe(202);
  });

  it('tells of ids and times that are none, and keeps the rest', async () => {
    await post(
      '/api/v2/spans',
      TYPE,
      bodyOf({ traceId: 'abcd' }, { id: '00ff' }, { timestamp: 2n ** 63n }, {}),
    );
    expect(sink.refused).toEqual([
      { reason: 'bad_id', message: 'trace_id has 2 bytes, expected 16 or 8' },
      { reason: 'bad_id', message: 'id has 2 bytes, expected 8' },
      {
        reason: 'too_far_ahead',
        message: 'timestamp 9223372036854775808, expected at most 9999999999999999 microseconds',
      },
    ]);
    expect(sink.spans).toHaveLength(1);
  });

  it('reads any bytes or refuses them', async () => {
    const whole = bodyOf({}, {});
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.nat(whole.length),
        async (flips, cut) => {
          const body = Buffer.from(whole);
          for (const [at, byte] of flips) body[at] = byte;
          expect([202, 400]).toContain((await post('/api/v2/spans', TYPE, body.subarray(0, cut))).status);
        },
      ),
      { numRuns: 200 },
    );
  });
});
