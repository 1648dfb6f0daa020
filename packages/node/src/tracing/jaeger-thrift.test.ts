import { ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { testPharos } from '../testing/harness.ts';
import { Receiver } from '../testing/spans.ts';
import { readStruct, type Struct } from '../testing/thrift.ts';
import { encodeBatch } from './jaeger-thrift.ts';

function spansOf(record: (tracer: ReturnType<BasicTracerProvider['getTracer']>) => void): ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop', zone: 'a' }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  record(provider.getTracer('scope', '1.2'));
  return exporter.getFinishedSpans();
}

/** What is left of a text after UTF-8: a lone surrogate has no bytes of its own. */
const wellFormed = (text: string): string => Buffer.from(text).toString();

const tags = (list: unknown): Record<string, unknown> =>
  Object.fromEntries(
    (list as Struct[]).map((tag) => [tag.get(1), tag.get(3) ?? tag.get(4) ?? tag.get(5) ?? tag.get(6)]),
  );

it('writes a batch that reads back equal', () => {
  const [span] = spansOf((tracer) => {
    const parent = { traceId: 'f'.repeat(32), spanId: '8000000000000001', traceFlags: 1 };
    const one = tracer.startSpan(
      'GET /größe',
      {
        startTime: [1_700_000_000, 123_456_789],
        attributes: { n: 1, f: 0.5, b: true, s: 'ü', list: ['x', 'y'] },
      },
      trace.setSpanContext(ROOT_CONTEXT, parent),
    );
    one.addLink({ context: { ...parent, spanId: '00000000000000ff' } });
    one.addEvent('cache miss', { key: 'k' }, [1_700_000_000, 200_000_000]);
    one.setStatus({ code: SpanStatusCode.ERROR, message: 'no' });
    one.end([1_700_000_001, 123_456_789]);
  });
  if (span === undefined) throw new Error('no span');
  const batch = readStruct(encodeBatch('shop', [span]));
  const process = batch.get(1) as Struct;
  expect([process.get(1), tags(process.get(2))]).toEqual(['shop', expect.objectContaining({ zone: 'a' })]);
  const [read = new Map<number, unknown>()] = batch.get(2) as Struct[];
  expect([read.get(1), read.get(2), read.get(4)]).toEqual([-1n, -1n, -0x7fffffffffffffffn]);
  expect(
    BigInt.asUintN(64, read.get(3) as bigint)
      .toString(16)
      .padStart(16, '0'),
  ).toBe(span.spanContext().spanId);
  expect([read.get(5), read.get(7), read.get(8), read.get(9)]).toEqual([
    'GET /größe',
    1,
    1_700_000_000_123_456n,
    1_000_000n,
  ]);
  expect(tags(read.get(10))).toEqual({
    n: 1n,
    f: 0.5,
    b: true,
    s: 'ü',
    list: '["x","y"]',
    'otel.scope.name': 'scope',
    'otel.scope.version': '1.2',
    error: true,
    'otel.status_code': 'ERROR',
    'otel.status_description': 'no',
  });
  const [link] = read.get(6) as Struct[];
  expect([link?.get(1), link?.get(4)]).toEqual([1, 255n]);
  const [log] = read.get(11) as Struct[];
  expect([log?.get(1), tags(log?.get(2))]).toEqual([
    1_700_000_000_200_000n,
    { event: 'cache miss', key: 'k' },
  ]);
});

it('writes any text and number so that it reads back', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string({ minLength: 1 }),
        fc.oneof(fc.string({ unit: 'grapheme' }), fc.double(), fc.boolean()),
      ),
      fc.string({ unit: 'grapheme', maxLength: 30_000 }),
      (attributes, name) => {
        const spans = spansOf((tracer) => tracer.startSpan(name, { attributes }).end());
        const [read] = readStruct(encodeBatch('s', spans)).get(2) as Struct[];
        expect(read?.get(5)).toBe(wellFormed(name));
        const found = tags(read?.get(10));
        for (const [key, value] of Object.entries(spans[0]?.attributes ?? {}))
          expect(found[wellFormed(key)]).toEqual(
            Number.isSafeInteger(value)
              ? BigInt(Number(value))
              : typeof value === 'string'
                ? wellFormed(value)
                : value,
          );
      },
    ),
    { numRuns: 100 },
  );
});

it('goes to an endpoint that ends in /api/traces', async () => {
  const receiver = new Receiver();
  const { pharos } = testPharos({
    push: { url: 'http://pharos.test', token: 'secret', transport: receiver.transport },
    tracing: { endpoint: 'http://jaeger.test:14268/api/traces' },
  });
  pharos.span('work', () => undefined);
  await pharos.stop();
  const [delivery] = receiver.at('/api/traces');
  expect(delivery?.headers).toEqual({ 'content-type': 'application/vnd.apache.thrift.binary' });
  const batch = readStruct(Buffer.from(delivery?.body ?? []));
  expect((batch.get(2) as Struct[]).map((span) => span.get(5))).toEqual(['work']);
});
