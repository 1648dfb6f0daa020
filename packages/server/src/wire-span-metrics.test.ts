import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ManualClock } from './kernel/clock.ts';
import { silentLog } from './kernel/log.ts';
import { createTelemetry } from './kernel/telemetry.ts';
import { MemorySink } from './metrics/testing/memory_sink.ts';
import { SpanMetricsService } from './traces/index.ts';
import { NOW, nanos, openMemoryTraces, spanId, traceId } from './traces/testing/memory-traces.ts';
import { spanSeriesWriter } from './wire-span-metrics.ts';

async function open(limit = 100) {
  const sink = new MemorySink();
  const clock = new ManualClock(NOW);
  const service = new SpanMetricsService({
    clock,
    log: silentLog,
    telemetry: createTelemetry(),
    writer: spanSeriesWriter({ sink, metadata: sink }),
    limit,
    edgeLimit: 10,
  });
  const { send } = await openMemoryTraces({}, { onStored: (chunk) => service.count(chunk) });
  return { sink, clock, service, send };
}

/** The newest value of each series, by name and labels. */
function newest(sink: MemorySink): Map<string, number> {
  return new Map(sink.samples.map(({ labels, value }) => [labels.toString(), value]));
}

interface Sent {
  readonly service: string;
  readonly name: string;
  readonly kind: number;
  readonly code: number;
  readonly ms: number;
}

let spans = 0;
const spanOf = ({ name, kind, code, ms }: Sent) => ({
  traceId: traceId(++spans),
  spanId: spanId(spans),
  name,
  kind,
  startTimeUnixNano: nanos(NOW),
  endTimeUnixNano: nanos(NOW + ms),
  status: { code },
});

const sent = fc.record({
  service: fc.constantFrom('a', 'b'),
  name: fc.constantFrom('GET /', 'ü "x"'),
  kind: fc.integer({ min: 0, max: 5 }),
  code: fc.integer({ min: 0, max: 2 }),
  ms: fc.constantFrom(0, 2, 3, 10, 500, 15_000, 20_000),
});

it('counts and measures spans as a plain count does, whatever is written in between', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(sent, fc.boolean()), { minLength: 1, maxLength: 30 }),
      async (drawn) => {
        const { sink, clock, service, send } = await open();
        for (const [one, flush] of drawn) {
          const span = spanOf(one);
          await send(one.service, [span]);
          // A repeat is no request.
          await send(one.service, [span]);
          await clock.advance(1);
          sink.failWith = flush ? null : new Error('full');
          await service.flush();
        }
        sink.failWith = null;
        await service.stop();
        const found = newest(sink);
        const all = drawn.map(([one]) => one);
        const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
        const codes = ['UNSET', 'OK', 'ERROR'];
        for (const { service: of, name, kind, code } of all) {
          const same = all.filter(
            (o) => o.service === of && o.name === name && o.kind === kind && o.code === code,
          );
          const labels = `service_name="${of}", span_kind="SPAN_KIND_${kinds[kind]}", span_name=${JSON.stringify(name)}, status_code="STATUS_CODE_${codes[code]}"`;
          expect(found.get(`traces_span_metrics_calls_total{${labels}}`)).toBe(same.length);
          expect(found.get(`traces_span_metrics_duration_seconds_count{${labels}}`)).toBe(same.length);
          const sum = same.reduce((total, { ms }) => total + ms / 1000, 0);
          expect(found.get(`traces_span_metrics_duration_seconds_sum{${labels}}`)).toBeCloseTo(sum, 9);
          for (const [le, bound] of [
            ['0.002', 2],
            ['0.5', -1],
            ['0.8', 800],
            ['15.0', 15_000],
            ['+Inf', 1e9],
          ] as const)
            expect(found.get(`traces_span_metrics_duration_seconds_bucket{le="${le}", ${labels}}`)).toBe(
              bound < 0 ? undefined : same.filter(({ ms }) => ms <= bound).length,
            );
        }
        expect(sink.of('traces_span_metrics_calls_total')[0]).toMatch(/^0@/);
      },
    ),
    { numRuns: 25 },
  );
});

it('has the trace of the slowest span as exemplar of its bucket', async () => {
  const { sink, clock, service, send } = await open();
  const slow = spanOf({ service: 'a', name: 'x', kind: 2, code: 0, ms: 90 });
  await send('a', [spanOf({ service: 'a', name: 'x', kind: 2, code: 0, ms: 3 }), slow]);
  await clock.advance(15_000);
  await service.flush();
  expect(
    sink.exemplars.map(({ series, labels, value }) => [series.get('le'), labels.get('trace_id'), value]),
  ).toEqual([['0.1', slow.traceId, 0.09]]);
  expect(sink.metadata.get('default/traces_span_metrics_calls_total')?.type).toBe('counter');
});

it('counts names beyond the limit of a service together', async () => {
  const { sink, clock, service, send } = await open(2);
  const names = ['n0', 'n1', 'n2', 'n3'];
  await send(
    'a',
    names.map((name) => spanOf({ service: 'a', name, kind: 2, code: 0, ms: 1 })),
  );
  await send('b', [spanOf({ service: 'b', name: 'n9', kind: 2, code: 0, ms: 1 })]);
  await clock.advance(15_000);
  await service.flush();
  const calls = [...newest(sink)].filter(([key]) => key.startsWith('traces_span_metrics_calls_total'));
  expect(calls).toHaveLength(4);
  expect(
    newest(sink).get('traces_span_metrics_calls_total{otel_metric_overflow="true", service_name="a"}'),
  ).toBe(2);
});

it('ends a series without spans, and begins it at zero when they come again', async () => {
  const { sink, clock, service, send } = await open();
  const one = { service: 'a', name: 'x', kind: 2, code: 0, ms: 1 };
  const again = async () => {
    await send('a', [spanOf(one)]);
    await clock.advance(1000);
    await service.flush();
  };
  await again();
  await clock.advance(16 * 60_000);
  await service.flush();
  await service.flush();
  await clock.advance(1000);
  await again();
  expect(sink.of('traces_span_metrics_calls_total').map((text) => text.split('@')[0])).toEqual([
    '0',
    '1',
    'stale',
    '0',
    '1',
  ]);
});

it('has the calls between services as series of their own, with the trace of the slowest as exemplar', async () => {
  const { sink, clock, service } = await open();
  const edge = { caller: 'order', callee: 'catalog', type: 'service' } as const;
  const counts = new Float64Array(17);
  // One call of up to 0.1 s, one above all bounds.
  counts[6] = 1;
  counts[16] = 1;
  const calls = { counts, failed: 1, sum: 20.09, slowest: { traceId: 'ab', seconds: 20 } };
  service.countCalls('default', { minute: Math.floor(NOW / 60_000), edges: [{ edge, calls }] });
  await clock.advance(15_000);
  await service.flush();
  const found = newest(sink);
  const name = 'traces_service_graph_request';
  const labels = 'client="order", server="catalog"';
  expect(found.get(`${name}_total{${labels}}`)).toBe(2);
  expect(found.get(`${name}_failed_total{${labels}}`)).toBe(1);
  expect(found.get(`${name}_server_seconds_count{${labels}}`)).toBe(2);
  expect(found.get(`${name}_server_seconds_sum{${labels}}`)).toBe(20.09);
  expect(found.get(`${name}_server_seconds_bucket{client="order", le="0.1", server="catalog"}`)).toBe(1);
  expect(found.get(`${name}_server_seconds_bucket{client="order", le="+Inf", server="catalog"}`)).toBe(2);
  expect(sink.of(`${name}_total`)).toEqual([`0@${NOW}`, `2@${NOW + 15_000}`]);
  expect(
    sink.exemplars.map(({ series, labels, value }) => [series.get('le'), labels.get('trace_id'), value]),
  ).toEqual([['+Inf', 'ab', 20]]);
  expect(sink.metadata.get(`default/${name}_server_seconds`)).toMatchObject({ type: 'histogram' });
});
