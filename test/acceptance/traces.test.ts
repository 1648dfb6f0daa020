import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
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
});
