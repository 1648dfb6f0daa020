import { Labels, writeStaleMarker } from '@pharos/promql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BLUE, openTestApp } from '../../http/testing/test-app.ts';
import type { HttpApp } from '../../http/types.ts';
import { createMemoryJournal } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { ProtobufReader, tagOf, WIRE } from '../../kernel/wire/protobuf.ts';
import { metricsSection } from '../config.ts';
import { negotiateFormat } from '../federate/formats.ts';
import { lastSamples } from '../federate/last-samples.ts';
import { federateProtobuf } from '../federate/protobuf.ts';
import { exampleHistogram } from '../store/histograms/testing/arbitrary.ts';
import { createMetricsStore, type MetricsStore } from '../store/store.ts';
import { stateOnlyEngine } from '../store/testing/fake-engine.ts';
import { apiSurroundings } from '../testing/prometheus_api.ts';
import { metricsQueryEngine, prometheusApis } from './prometheus.ts';

const NOW = 1_700_000_000_000;
const clock = new ManualClock(NOW);
let app: HttpApp;
let store: MetricsStore;

beforeEach(async () => {
  const config = metricsSection.schema.parse({});
  store = await createMetricsStore({
    engine: stateOnlyEngine('ready'),
    journal: createMemoryJournal(),
    clock,
    telemetry: createTelemetry(),
    log: silentLog,
    config,
  });
  app = await openTestApp(
    prometheusApis({
      store,
      engine: metricsQueryEngine(config, clock),
      clock,
      config,
      targets: null,
      ready: () => true,
      ...apiSurroundings(NOW),
      externalLabels: () => ({ site: 's', job: 'never' }),
    }),
  );
  const appender = store.sink.appender({ tenant: 'default' });
  const add = (labels: Record<string, string>, age: number, value: number): void =>
    void appender.append(appender.resolve(Labels.fromRecord(labels)), NOW - age, value);
  add({ __name__: 'up', job: 'b', instance: 'x' }, 20_000, 0);
  add({ __name__: 'up', job: 'b', instance: 'x' }, 10_000, 1);
  add({ __name__: 'a_total', job: 'a"\\\n' }, 10_000, Number.POSITIVE_INFINITY);
  add({ __name__: 'up', job: 'old' }, 300_001, 1);
  add({ __name__: 'metric.name', 'label.x': 'y' }, 10_000, 1.5);
  const gone = appender.resolve(Labels.fromRecord({ __name__: 'up', job: 'gone' }));
  appender.append(gone, NOW - 20_000, 1);
  appender.appendStale(gone, NOW - 10_000);
  await appender.commit();
  store.metadata.record('default', 'a_total', { type: 'counter', help: 'h', unit: '' });
});
afterEach(() => app.close());

async function federate(query: string, headers: Record<string, string> = {}) {
  const answer = await app.inject({ url: `/federate?${query}`, headers });
  return {
    status: answer.statusCode,
    text: answer.body,
    type: answer.headers['content-type'],
    raw: answer.rawPayload,
  };
}

const ALL = `match[]=${encodeURIComponent('{__name__=~".+"}')}`;

describe('PQ-12 /federate', () => {
  it('gives the last sample of each series in text, sorted by name, without stale and old ones', async () => {
    const { status, text, type } = await federate(`${ALL}&match[]=up`);
    expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(text).toBe(
      [
        '# TYPE a_total counter',
        String.raw`a_total{instance="",job="a\"\\\n",site="s"} +Inf ${NOW - 10_000}`,
        '# TYPE metric_name untyped',
        `metric_name{instance="",job="never",label_x="y",site="s"} 1.5 ${NOW - 10_000}`,
        '# TYPE up untyped',
        `up{instance="x",job="b",site="s"} 1 ${NOW - 10_000}`,
        '',
      ].join('\n'),
    );
  });

  it('gives what services said last at /monitoring/metrics, whatever is asked', async () => {
    const { text } = await federate(`match[]=${encodeURIComponent('{job!=""}')}`);
    const answer = await app.inject('/monitoring/metrics?match[]=up');
    expect([answer.statusCode, answer.body]).toEqual([200, text]);
    expect(text).toContain('up{instance="x",job="b"');
  });

  it('speaks OpenMetrics and UTF-8 names as Accept asks', async () => {
    const accept = 'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.9,text/plain;q=0.1';
    const { text, type } = await federate('match[]={"metric.name"}', { accept });
    expect(type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8');
    expect(text).toBe(
      `# TYPE "metric.name" unknown\n{"metric.name",instance="",job="never","label.x"="y",site="s"} 1.5 ${(NOW - 10_000) / 1000}\n# EOF\n`,
    );
  });

  it('is empty without a selector and for another tenant, and refuses a bad selector in plain text', async () => {
    expect(await federate('')).toMatchObject({ status: 200, text: '' });
    expect(await federate(ALL, BLUE)).toMatchObject({ status: 200, text: '' });
    expect(await federate('match[]={')).toMatchObject({ status: 400, type: 'text/plain; charset=utf-8' });
  });

  it('negotiates by weight', () => {
    const kinds = [undefined, 'x/y', 'text/plain;q=0,application/openmetrics-text', '*/*'].map(
      (accept) => negotiateFormat(accept).kind,
    );
    expect(kinds).toEqual(['text', 'text', 'openmetrics', 'text']);
    expect(
      negotiateFormat(
        'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,text/plain;q=0.5',
      ).kind,
    ).toBe('protobuf');
  });

  it('gives native histograms in protobuf alone, floats beside them in a family of their own', () => {
    const histogram = exampleHistogram(10);
    const labels = Labels.fromRecord({ __name__: 'h', a: 'b' });
    const other = Labels.fromRecord({ __name__: 'h', a: 'c' });
    const stale = new Float64Array(1);
    writeStaleMarker(stale, 0);
    const one = { timestamps: Float64Array.of(5000), from: 0, to: 1 };
    const samples = lastSamples([
      [
        { labels, ...one, values: Float64Array.of(0), histograms: [histogram] },
        { labels: other, ...one, values: Float64Array.of(2) },
        { labels: Labels.fromRecord({ __name__: 'gone' }), ...one, values: stale },
      ],
    ]);
    const format = { kind: 'protobuf', utf8: true, contentType: '' } as const;
    const families = [...federateProtobuf(samples, { format, external: {} })].map((bytes) => {
      const reader = new ProtobufReader().reset(bytes);
      expect(reader.uint32()).toBe(bytes.length - reader.at);
      expect(reader.uint32()).toBe(tagOf(1, WIRE.bytes));
      const name = reader.text();
      expect(reader.uint32()).toBe(tagOf(3, WIRE.varint));
      return [name, reader.uint32()];
    });
    expect(families).toEqual([
      ['h', 4],
      ['h', 3],
    ]);
  });
});
