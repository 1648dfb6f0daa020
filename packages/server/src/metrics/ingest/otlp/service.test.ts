import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { otlpApi } from '../../../http/otlp/api.ts';
import { openTestApp } from '../../../http/testing/test-app.ts';
import type { HttpApp } from '../../../http/types.ts';
import { journalErrors } from '../../../journal/index.ts';
import { PharosError } from '../../../kernel/errors.ts';
import { createTelemetry } from '../../../kernel/telemetry.ts';
import { ProtobufReader } from '../../../kernel/wire/protobuf.ts';
import { MemorySink } from '../../testing/memory_sink.ts';
import { otlpSection } from './config.ts';
import { OtlpMetricsService } from './service.ts';
import { type JsonAttribute, type JsonMetric, type JsonRequest, otlpProtobuf } from './testing/encode.ts';

let app: HttpApp | undefined;
afterEach(() => app?.close());

const T = 1_763_700_000_123;
const NANOS = `${T}456789`;
const START = T - 60_000;
const START_NANOS = `${START}000001`;
const PROTOBUF = 'application/x-protobuf';

async function setup(config: Record<string, unknown> = {}) {
  const sink = new MemorySink();
  const service = new OtlpMetricsService({
    sink,
    metadata: sink,
    telemetry: createTelemetry(),
    breathe: () => Promise.resolve(),
    config: otlpSection.schema.parse(config),
    lookback: 300_000,
  });
  app = await openTestApp([otlpApi(service)], { maxBody: 1_000_000 });
  const http = app;
  const post = (
    payload: Buffer | string,
    type: string,
    headers: Record<string, string> = {},
    url = '/v1/metrics',
  ) =>
    http.inject({
      method: 'POST',
      url,
      payload,
      headers: { host: 'localhost', 'content-type': type, ...headers },
    });
  return {
    sink,
    service,
    post,
    json: (request: JsonRequest | string) =>
      post(typeof request === 'string' ? request : JSON.stringify(request), 'application/json'),
    protobuf: (request: JsonRequest) => post(Buffer.from(otlpProtobuf(request)), PROTOBUF),
    lines: () => sink.lines().toSorted(),
  };
}

const text = (key: string, value: string): JsonAttribute => ({ key, value: { stringValue: value } });

const SERVICE: readonly JsonAttribute[] = [
  text('service.name', 'cart'),
  text('service.namespace', 'shop'),
  text('service.instance.id', 'i-1'),
  text('host.name', 'node 7'),
];
const IDENTITY = 'instance="i-1", job="shop/cart"';
const INFO = `target_info{host_name="node 7", ${IDENTITY}} 1@${T}`;

function request(metrics: readonly JsonMetric[], attributes: readonly JsonAttribute[] = []): JsonRequest {
  return {
    resourceMetrics: [
      {
        resource: { attributes },
        scopeMetrics: [
          {
            scope: { name: 'lib', version: '1.2', attributes: [text('tier', 'x')] },
            metrics,
            schemaUrl: 'http://schema',
          },
        ],
      },
    ],
  };
}

const gauge = (name: string, unit = '', value = 5): JsonMetric => ({
  name,
  unit,
  gauge: { dataPoints: [{ timeUnixNano: NANOS, asDouble: value }] },
});
const CUMULATIVE = 2;
const counter = (name: string, unit = '', aggregationTemporality = CUMULATIVE): JsonMetric => ({
  name,
  unit,
  description: 'How many.',
  sum: {
    aggregationTemporality,
    isMonotonic: true,
    dataPoints: [{ startTimeUnixNano: START_NANOS, timeUnixNano: NANOS, asInt: '7' }],
  },
});

describe('translation (OM-1)', () => {
  it('job, instance and target_info come from the resource, in both encodings', async () => {
    for (const encoding of ['json', 'protobuf'] as const) {
      const server = await setup();
      const answer = await server[encoding](request([gauge('queue.length')], SERVICE));
      expect([answer.statusCode, answer.body]).toEqual([200, encoding === 'json' ? '{}' : '']);
      expect(answer.headers['content-type']).toBe(
        encoding === 'json' ? 'application/json; charset=utf-8' : PROTOBUF,
      );
      expect(server.lines()).toEqual([`queue_length{${IDENTITY}} 5@${T}`, INFO]);
    }
  });

  it('counters get _total, a start and their metadata; sums that fall are gauges', async () => {
    const { json, sink } = await setup();
    const falling: JsonMetric = {
      name: 'stock',
      sum: { aggregationTemporality: CUMULATIVE, dataPoints: [{ timeUnixNano: NANOS, asInt: '-3' }] },
    };
    await json(request([counter('http.requests', '{requests}'), falling]));
    expect(sink.lines()).toEqual([`http_requests_total 7@${T}`, `stock -3@${T}`]);
    expect(sink.samples.map(({ start }) => start)).toEqual([START, undefined]);
    expect([...sink.metadata]).toEqual([
      ['default/http_requests_total', { type: 'counter', help: 'How many.', unit: '' }],
      ['default/stock', { type: 'gauge', help: '', unit: '' }],
    ]);
  });

  it.each([
    ['UnderscoreEscapingWithSuffixes', 'http.server.duration', 's', 'gauge', 'http_server_duration_seconds'],
    ['UnderscoreEscapingWithSuffixes', 'duration_seconds', 's', 'gauge', 'duration_seconds'],
    ['UnderscoreEscapingWithSuffixes', 'net.io', 'By/s', 'gauge', 'net_io_bytes_per_second'],
    ['UnderscoreEscapingWithSuffixes', 'utilisation', '1', 'gauge', 'utilisation_ratio'],
    ['UnderscoreEscapingWithSuffixes', 'hits', '1', 'counter', 'hits_total'],
    ['UnderscoreEscapingWithSuffixes', 'total.hits', '', 'counter', 'hits_total'],
    ['UnderscoreEscapingWithSuffixes', 'cpu', '%', 'gauge', 'cpu_percent'],
    ['UnderscoreEscapingWithSuffixes', '3xx.größe', '', 'gauge', '_3xx_gr_e'],
    ['UnderscoreEscapingWithSuffixes', 'jvm.gc', 'foo-bar', 'gauge', 'jvm_gc_foo_bar'],
    ['UnderscoreEscapingWithoutSuffixes', 'http.requests', 's', 'counter', 'http_requests'],
    ['NoUTF8EscapingWithSuffixes', 'http.server.duration', 's', 'gauge', 'http.server.duration_seconds'],
    ['NoUTF8EscapingWithSuffixes', 'http.requests', '', 'counter', 'http.requests_total'],
    ['NoTranslation', 'http.requests', 's', 'counter', 'http.requests'],
  ])('%s: %s in "%s" as a %s is %s', async (strategy, name, unit, kind, expected) => {
    const { json, sink } = await setup({ translation_strategy: strategy });
    await json(request([kind === 'counter' ? counter(name, unit) : gauge(name, unit)]));
    expect(sink.samples.map(({ labels }) => labels.metricName)).toEqual([expected]);
  });

  it('attributes become labels; those that become the same label share it; other kinds of values are texts', async () => {
    const attributes: JsonAttribute[] = [
      text('http.method', 'GET'),
      text('a_b', '2'),
      text('a.b', '1'),
      text('_hidden', 'x'),
      text('9lives', 'y'),
      text('job', 'mine'),
      text('empty', ''),
      { key: 'code', value: { intValue: '200' } },
      { key: 'ok', value: { boolValue: true } },
      { key: 'share', value: { doubleValue: 0.5 } },
      { key: 'raw', value: { bytesValue: 'AQID' } },
    ];
    const labels =
      'a_b="1;2", code="200", http_method="GET", instance="i-1", job="shop/cart", key_9lives="y", key_hidden="x", ok="true", raw="AQID", share="0.5"';
    const metric: JsonMetric = {
      name: 'm',
      gauge: { dataPoints: [{ attributes, timeUnixNano: NANOS, asInt: '1' }] },
    };
    for (const encoding of ['json', 'protobuf'] as const) {
      const server = await setup();
      await server[encoding](request([metric], SERVICE));
      expect(server.lines()[0]).toBe(`m{${labels}} 1@${T}`);
    }
  });

  it('resource attributes and the scope are promoted when asked for', async () => {
    const first = await setup({ promote_resource_attributes: ['host.name'], promote_scope_metadata: true });
    await first.json(request([gauge('m')], SERVICE));
    expect(first.lines()[0]).toBe(
      `m{host_name="node 7", ${IDENTITY}, otel_scope_name="lib", otel_scope_schema_url="http://schema", otel_scope_tier="x", otel_scope_version="1.2"} 5@${T}`,
    );
    const second = await setup({
      promote_all_resource_attributes: true,
      ignore_resource_attributes: ['service.name', 'service.namespace', 'service.instance.id'],
      keep_identifying_resource_attributes: true,
    });
    await second.json(request([gauge('m')], SERVICE));
    expect(second.lines()).toEqual([
      `m{host_name="node 7", ${IDENTITY}} 5@${T}`,
      `target_info{host_name="node 7", ${IDENTITY}, service_instance_id="i-1", service_name="cart", service_namespace="shop"} 1@${T}`,
    ]);
  });

  it('without service.name and service.instance.id there is no target_info', async () => {
    const { json, lines } = await setup();
    await json(request([gauge('m')], [text('host.name', 'x')]));
    expect(lines()).toEqual([`m 5@${T}`]);
  });

  const histogram: JsonMetric = {
    name: 'rpc',
    unit: 's',
    histogram: {
      aggregationTemporality: CUMULATIVE,
      dataPoints: [
        {
          startTimeUnixNano: START_NANOS,
          timeUnixNano: NANOS,
          count: '6',
          sum: 4.5,
          explicitBounds: [0.0000001, 0.5, 10],
          bucketCounts: ['1', '2', '0', '3'],
          exemplars: [
            {
              filteredAttributes: [text('user', 'ann')],
              timeUnixNano: NANOS,
              asDouble: 0.4,
              traceId: '0102030405060708090a0b0c0d0e0f10',
              spanId: '0102030405060708',
            },
          ],
        },
      ],
    },
  };

  it('histograms become classic ones, with their exemplar on its bucket', async () => {
    for (const encoding of ['json', 'protobuf'] as const) {
      const server = await setup();
      expect((await server[encoding](request([histogram]))).statusCode).toBe(200);
      expect(server.sink.lines()).toEqual([
        `rpc_seconds_count 6@${T}`,
        `rpc_seconds_sum 4.5@${T}`,
        `rpc_seconds_bucket{le="0.0000001"} 1@${T}`,
        `rpc_seconds_bucket{le="0.5"} 3@${T}`,
        `rpc_seconds_bucket{le="10"} 3@${T}`,
        `rpc_seconds_bucket{le="+Inf"} 6@${T}`,
      ]);
      expect(server.sink.samples.every(({ start }) => start === START)).toBe(true);
      expect(
        server.sink.exemplars.map((e) => [e.series.toString(), e.labels.toString(), e.value, e.timestamp]),
      ).toEqual([
        [
          'rpc_seconds_bucket{le="0.5"}',
          '{span_id="0102030405060708", trace_id="0102030405060708090a0b0c0d0e0f10", user="ann"}',
          0.4,
          T,
        ],
      ]);
    }
  });

  it('histograms become native ones with custom buckets when asked for', async () => {
    const { json, sink } = await setup({ convert_histograms_to_nhcb: true });
    await json(request([histogram]));
    expect(sink.samples).toMatchObject([
      {
        histogram: {
          schema: -53,
          count: 6,
          sum: 4.5,
          positiveSpans: Int32Array.of(0, 4),
          positiveBuckets: Float64Array.of(1, 2, 0, 3),
          customValues: Float64Array.of(0.0000001, 0.5, 10),
        },
      },
    ]);
  });

  it('exponential histograms become native ones: bucket i is bucket i + 1, finer scales are reduced', async () => {
    const exponential = (scale: number): JsonMetric => ({
      name: 'lat',
      exponentialHistogram: {
        aggregationTemporality: CUMULATIVE,
        dataPoints: [
          {
            startTimeUnixNano: START_NANOS,
            timeUnixNano: NANOS,
            count: '10',
            sum: 3,
            scale,
            zeroCount: '1',
            positive: { offset: -2, bucketCounts: ['2', '0', '3'] },
            negative: { offset: 0, bucketCounts: ['4'] },
          },
        ],
      },
    });
    for (const encoding of ['json', 'protobuf'] as const) {
      const server = await setup();
      await server[encoding](request([exponential(3)]));
      expect(server.sink.samples).toMatchObject([
        {
          start: START,
          histogram: {
            schema: 3,
            zeroCount: 1,
            zeroThreshold: 1e-128,
            positiveSpans: Int32Array.of(-1, 1, 1, 1),
            positiveBuckets: Float64Array.of(2, 3),
            negativeSpans: Int32Array.of(1, 1),
            negativeBuckets: Float64Array.of(4),
          },
        },
      ]);
    }
    const fine = await setup();
    await fine.json(request([exponential(9)]));
    expect(fine.sink.samples[0]?.histogram).toMatchObject({
      schema: 8,
      positiveSpans: Int32Array.of(0, 2),
      positiveBuckets: Float64Array.of(2, 3),
    });
  });

  it('summaries, and points without a value', async () => {
    const { json, sink } = await setup();
    const summary: JsonMetric = {
      name: 's',
      summary: {
        dataPoints: [
          {
            timeUnixNano: NANOS,
            count: '3',
            sum: 9,
            quantileValues: [
              { quantile: 0.5, value: 1 },
              { quantile: 1, value: 2 },
            ],
          },
        ],
      },
    };
    const gone: JsonMetric = { name: 'g', gauge: { dataPoints: [{ timeUnixNano: NANOS, flags: 1 }] } };
    await json(request([summary, gone]));
    expect(sink.lines()).toEqual([
      `s_count 3@${T}`,
      `s_sum 9@${T}`,
      `s{quantile="0.5"} 1@${T}`,
      `s{quantile="1"} 2@${T}`,
      `g stale@${T}`,
    ]);
  });

  it('target_info is there from the first to the last point of a request', async () => {
    const { json, sink } = await setup();
    const metric: JsonMetric = {
      name: 'm',
      gauge: {
        dataPoints: [0, 400_000].map((back) => ({ timeUnixNano: `${T - back}000000`, asInt: '1' })),
      },
    };
    await json(request([metric], SERVICE));
    expect(sink.of('target_info')).toEqual([
      `1@${T - 400_000}`,
      `1@${T - 250_000}`,
      `1@${T - 100_000}`,
      `1@${T}`,
    ]);
  });
});

describe('answers (OT-1 to OT-3)', () => {
  it('an empty request is 200 in any encoding, on both paths, compressed or not', async () => {
    const { post } = await setup();
    for (const url of ['/v1/metrics', '/api/v1/otlp/v1/metrics']) {
      expect((await post('', PROTOBUF, {}, url)).statusCode).toBe(200);
      expect((await post('', 'application/json', {}, url)).body).toBe('{}');
      const zipped = await post(
        gzipSync('{}'),
        'application/json; charset=utf-8',
        { 'content-encoding': 'gzip' },
        url,
      );
      expect([zipped.statusCode, zipped.body]).toEqual([200, '{}']);
    }
  });

  it('delta temporality is refused as Prometheus does by default: the rest is taken and the answer says so', async () => {
    const server = await setup();
    const both = request([counter('bad', '', 1), gauge('good')]);
    const message =
      'metric "bad" has delta temporality, expected cumulative: set the exporter\'s temporality preference';
    expect((await server.json(both)).json()).toEqual({
      partialSuccess: { rejectedDataPoints: '1', errorMessage: message },
    });
    expect(server.lines()).toEqual([`good 5@${T}`]);
    const answer = await server.protobuf(both);
    const reader = new ProtobufReader().reset(answer.rawPayload);
    reader.uint32();
    reader.delimited();
    expect([reader.uint32(), reader.int64(), reader.uint32(), reader.text()]).toEqual([8, 1, 18, message]);
  });

  it('when nothing could be taken it is 400 with a google.rpc.Status in the encoding of the request', async () => {
    const server = await setup();
    const answer = await server.json(request([counter('bad', '', 1)]));
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      { code: 3, message: expect.stringContaining('delta temporality') },
    ]);
    const binary = await server.protobuf(request([counter('bad', '', 1)]));
    const reader = new ProtobufReader().reset(binary.rawPayload);
    expect([reader.uint32(), reader.int64(), reader.uint32(), reader.text()]).toEqual([
      8,
      3,
      18,
      expect.stringContaining('delta temporality'),
    ]);
    expect([binary.statusCode, binary.headers['content-type']]).toEqual([400, PROTOBUF]);
  });

  it('the store refuses samples: partial success, 400 when it refuses all', async () => {
    const { json } = await setup();
    await json(request([gauge('m', '', 1)]));
    const partial = await json(request([gauge('m', '', 2), gauge('n')]));
    expect(partial.json()).toMatchObject({ partialSuccess: { rejectedDataPoints: '1' } });
    expect((await json(request([gauge('m', '', 3)]))).statusCode).toBe(400);
  });

  it.each([
    ['application/json', '{', 400],
    ['application/json', '[]', 400],
    [PROTOBUF, 'not protobuf at all', 400],
    ['text/plain', 'x', 415],
    ['', 'x', 415],
  ])('%s %s: %i', async (type, body, status) => {
    const { post } = await setup();
    expect((await post(Buffer.from(body), type)).statusCode).toBe(status);
  });

  it('overload is 503 with Retry-After, which senders repeat', async () => {
    const { json, sink } = await setup();
    sink.failWith = journalErrors.make('full', 'the journal is full', { retryAfterSeconds: 7 });
    const answer = await json(request([gauge('m')]));
    expect([answer.statusCode, answer.headers['retry-after'], answer.json()]).toEqual([
      503,
      '7',
      { code: 14, message: 'the journal is full' },
    ]);
  });

  it('the limit of series rejects points, not requests', async () => {
    const { json, sink } = await setup();
    sink.maxSeries = 1;
    const answer = await json(request([gauge('a'), gauge('b')]));
    expect(answer.json()).toEqual({
      partialSuccess: { rejectedDataPoints: '1', errorMessage: 'the limit of series is reached' },
    });
  });
});

describe('whatever is sent', () => {
  const bytes = otlpProtobuf(request([counter('c'), gauge('g', 's')], SERVICE));

  it('damaged protobuf is refused or read, nothing else', async () => {
    const { service } = await setup();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        async (hits) => {
          const body = Uint8Array.from(bytes);
          for (const [at, value] of hits) body[at % body.length] = value;
          await service.export('default', 'protobuf', body).catch((error: unknown) => {
            expect(error).toBeInstanceOf(PharosError);
            expect(error).toMatchObject({ kind: 'bad_request' });
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it('JSON of any shape is refused or read, nothing else', async () => {
    const { service } = await setup();
    const names = [
      'resourceMetrics',
      'scopeMetrics',
      'metrics',
      'sum',
      'gauge',
      'dataPoints',
      'attributes',
      '__proto__',
    ];
    const shape = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<unknown>(null, 1, '1', true, 'NaN', {}),
        fc.array(tie('any'), { maxLength: 2 }),
        fc.dictionary(fc.constantFrom(...names, 'name', 'asDouble', 'timeUnixNano', 'resource'), tie('any'), {
          maxKeys: 4,
        }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(shape.any, async (json) => {
        await service.export('default', 'json', Buffer.from(JSON.stringify(json))).catch((error: unknown) => {
          expect(error).toMatchObject({ kind: 'bad_request' });
        });
      }),
      { numRuns: 300 },
    );
  });
});
