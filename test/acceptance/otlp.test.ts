import { OTLPMetricExporter as GrpcExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as JsonExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationType,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ask } from '../support/client.ts';
import { freePort } from '../support/peers.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

/** The OpenTelemetry SDK for JavaScript sends its metrics to the built server by every protocol it has. */
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

  const exporters: Record<string, () => PushMetricExporter> = {
    'http/protobuf': () => new ProtobufExporter({ url: `${pharos.url}/api/v1/otlp/v1/metrics` }),
    'http/json': () => new JsonExporter({ url: `http://127.0.0.1:${httpPort}/v1/metrics` }),
    grpc: () => new GrpcExporter({ url: `http://127.0.0.1:${grpcPort}` }),
  };

  it.each(Object.keys(exporters))(
    'by %s: counter, gauge and both kinds of histograms read back by query',
    async (protocol) => {
      const exporter = exporters[protocol]?.();
      if (exporter === undefined) throw new Error(protocol);
      const provider = new MeterProvider({
        resource: resourceFromAttributes({
          'service.name': `sdk ${protocol}`,
          'service.instance.id': 'one',
          'deployment.environment.name': 'test',
        }),
        readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })],
        views: [{ instrumentName: 'native', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
      });
      const meter = provider.getMeter('acceptance');
      meter.createCounter('app.requests', { unit: '{requests}' }).add(3, { route: '/x' });
      meter.createGauge('app.temperature', { unit: 'Cel' }).record(21.5);
      const classic = meter.createHistogram('app.duration', {
        unit: 's',
        advice: { explicitBucketBoundaries: [0.1, 1] },
      });
      const native = meter.createHistogram('native', { unit: 'By' });
      for (const value of [0.05, 0.5, 5]) {
        classic.record(value);
        native.record(value);
      }
      await provider.forceFlush();
      await provider.shutdown();
      const job = `job="sdk ${protocol}"`;
      const value = async (query: string): Promise<string | undefined> =>
        (await ask(pharos.url, query))[0]?.value[1];
      await vi.waitFor(async () => expect(await value(`app_requests_total{${job}, route="/x"}`)).toBe('3'), {
        timeout: 30_000,
      });
      expect(await value(`app_temperature_celsius{${job}, instance="one"}`)).toBe('21.5');
      expect(await value(`app_duration_seconds_bucket{${job}, le="1"}`)).toBe('2');
      expect(await value(`app_duration_seconds_count{${job}}`)).toBe('3');
      expect(await value(`histogram_count(native_bytes{${job}})`)).toBe('3');
      expect(await value(`target_info{${job}, deployment_environment_name="test"}`)).toBe('1');
    },
  );
});
