import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { JaegerExporter } from '@opentelemetry/exporter-jaeger';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { ZipkinExporter } from '@opentelemetry/exporter-zipkin';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { SimpleSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/peers.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

/** The OpenTelemetry SDK for JavaScript sends its spans to the built server by every protocol it has. */
describe('the OpenTelemetry SDK', () => {
  let pharos: RunningPharos;
  let grpcPort: number;
  let httpPort: number;

  beforeAll(async () => {
    grpcPort = await freePort();
    httpPort = await freePort();
    pharos = await startPharosProcess({
      args: [
        '--set',
        `web.extra_ports.otlp_grpc=${grpcPort}`,
        '--set',
        `web.extra_ports.otlp_http=${httpPort}`,
      ],
    });
  });

  afterAll(async () => {
    expect(await pharos.stop()).toBe(0);
    await removeData(pharos);
  });

  const compression = CompressionAlgorithm.GZIP;
  const exporters: Record<string, () => SpanExporter> = {
    'http/protobuf': () => new ProtobufExporter({ url: `${pharos.url}/v1/traces`, compression }),
    'http/json': () => new JsonExporter({ url: `http://127.0.0.1:${httpPort}/v1/traces` }),
    grpc: () => new GrpcExporter({ url: `http://127.0.0.1:${grpcPort}`, compression }),
  };

  it.each(Object.keys(exporters))(
    'by %s: a trace is read back equal, as Jaeger and Grafana ask for it',
    async (protocol) => {
      const exporter = exporters[protocol]?.();
      if (exporter === undefined) throw new Error(protocol);
      const service = `sdk ${protocol}`;
      const { traceId, spanId, start } = await sendTrace(exporter, service);
      const answer = await fetch(`${pharos.url}/api/v3/traces/${traceId}`);
      expect(answer.status).toBe(200);
      const { result } = (await answer.json()) as { result: { resourceSpans: unknown[] } };
      expect(result.resourceSpans).toMatchObject([
        {
          scopeSpans: [
            {
              scope: { name: 'acceptance', version: '1.0' },
              spans: [
                {
                  traceId,
                  spanId,
                  name: 'GET /cart',
                  kind: 2,
                  startTimeUnixNano: `${start}000000`,
                  endTimeUnixNano: `${start + 12}000000`,
                  attributes: [
                    { key: 'http.route', value: { stringValue: '/cart' } },
                    { key: 'http.status_code', value: { intValue: '500' } },
                    { key: 'ratio', value: { doubleValue: 0.5 } },
                    {
                      key: 'tags',
                      value: { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] } },
                    },
                  ],
                  events: [{ name: 'retry', attributes: [{ key: 'attempt', value: { intValue: '2' } }] }],
                  status: { code: 2, message: 'no stock' },
                },
              ],
            },
          ],
        },
      ]);
      const found = await fetch(
        `${pharos.url}/api/traces?service=${encodeURIComponent(service)}&tags=${encodeURIComponent('{"error":"true"}')}&minDuration=10ms`,
      );
      const { data } = (await found.json()) as { data: { traceID: string }[] };
      expect(data.map(({ traceID }) => traceID)).toEqual([traceId]);
      const services = (await (await fetch(`${pharos.url}/api/services`)).json()) as { data: string[] };
      expect(services.data).toContain(service);
    },
  );

  it.each(Object.keys(elders))(
    'by %s: a trace is read back equal, as far as it says the same',
    async (protocol) => {
      const elder = elders[protocol];
      if (elder === undefined) throw new Error(protocol);
      const service = `sdk ${protocol}`;
      const { traceId, spanId, start } = await sendTrace(elder.exporter(pharos.url), service);
      const answer = await fetch(`${pharos.url}${elder.path}/${traceId}`);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject(elder.expected({ traceId, spanId, start, service }));
    },
  );

  it('answers what chosen traces have in common, over a connection that stays open', async () => {
    const exporter = () => new ProtobufExporter({ url: `${pharos.url}/v1/traces` });
    const [chosen, other] = [
      await sendTrace(exporter(), 'in common'),
      await sendTrace(exporter(), 'of the others'),
    ];
    const answer = await fetch(`${pharos.url}/api/v1/traces/attribution`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ selected: [chosen.traceId], others: [other.traceId] }),
    });
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { selected: 1, others: 1, warnings: [] },
    ]);
  });
});

interface Sent {
  readonly traceId: string;
  readonly spanId: string;
  /** Epoch ms. */
  readonly start: number;
}

/** One failed request with an event, sent and flushed. */
async function sendTrace(exporter: SpanExporter, service: string): Promise<Sent> {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'deployment.environment.name': 'test' }),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('acceptance', '1.0');
  const start = Date.now();
  const root = tracer.startSpan('GET /cart', {
    kind: SpanKind.SERVER,
    startTime: start,
    attributes: { 'http.route': '/cart', 'http.status_code': 500, ratio: 0.5, tags: ['a', 'b'] },
  });
  root.addEvent('retry', { attempt: 2 }, start + 3);
  root.setStatus({ code: SpanStatusCode.ERROR, message: 'no stock' });
  root.end(start + 12);
  await provider.forceFlush();
  await provider.shutdown();
  const { traceId, spanId } = root.spanContext();
  return { traceId, spanId, start };
}

/** Protocols from before OTLP, each asked back by its own query API. */
const elders: Record<
  string,
  {
    readonly exporter: (url: string) => SpanExporter;
    readonly path: string;
    readonly expected: (sent: Sent & { readonly service: string }) => object;
  }
> = {
  zipkin: {
    exporter: (url) => new ZipkinExporter({ url: `${url}/api/v2/spans` }),
    path: '/api/v2/trace',
    expected: ({ traceId, spanId, start, service }) => [
      {
        traceId,
        id: spanId,
        kind: 'SERVER',
        name: 'GET /cart',
        timestamp: start * 1000,
        duration: 12_000,
        localEndpoint: { serviceName: service },
        annotations: [{ timestamp: (start + 3) * 1000, value: expect.stringContaining('retry') }],
        tags: {
          'http.route': '/cart',
          'http.status_code': '500',
          ratio: '0.5',
          tags: 'a,b',
          error: 'no stock',
          'deployment.environment.name': 'test',
        },
      },
    ],
  },
  'jaeger thrift': {
    exporter: (url) => new JaegerExporter({ endpoint: `${url}/api/traces` }),
    path: '/api/traces',
    expected: ({ traceId, spanId, start, service }) => ({
      data: [
        {
          traceID: traceId,
          spans: [
            {
              spanID: spanId,
              operationName: 'GET /cart',
              startTime: start * 1000,
              duration: 12_000,
              tags: expect.arrayContaining([
                { key: 'http.route', type: 'string', value: '/cart' },
                { key: 'http.status_code', type: 'float64', value: 500 },
                { key: 'ratio', type: 'float64', value: 0.5 },
                { key: 'span.kind', type: 'string', value: 'server' },
                { key: 'error', type: 'bool', value: true },
                { key: 'otel.status_description', type: 'string', value: 'no stock' },
                // This exporter writes what belongs to the resource on each span.
                { key: 'deployment.environment.name', type: 'string', value: 'test' },
              ]),
              logs: [
                {
                  timestamp: (start + 3) * 1000,
                  fields: expect.arrayContaining([{ key: 'event', type: 'string', value: 'retry' }]),
                },
              ],
            },
          ],
          processes: { p1: { serviceName: service } },
        },
      ],
    }),
  },
};
