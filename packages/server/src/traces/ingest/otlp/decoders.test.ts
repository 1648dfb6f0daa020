import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createTelemetry } from '../../../kernel/telemetry.ts';
import { tracesTelemetry } from '../../telemetry.ts';
import { MemorySpanSink } from '../../testing/memory-sink.ts';
import {
  type JsonAnyValue,
  type JsonAttribute,
  type JsonTraceRequest,
  traceProtobuf,
} from '../../testing/otlp-json.ts';
import { SpanDoors } from '../doors.ts';
import { OtlpTracesService } from './service.ts';

function setup() {
  const sink = new MemorySpanSink();
  const telemetry = tracesTelemetry(createTelemetry(), () => ({
    sources: 0,
    sourceBytes: 0,
    pendingSpans: 0,
    pendingBytes: 0,
    answerBytes: 0,
  }));
  const breathe = () => Promise.resolve();
  return { sink, otlp: new OtlpTracesService(new SpanDoors({ sink, telemetry, breathe })) };
}

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString('hex'));
const key = fc.oneof(
  fc.constantFrom('a', '__proto__', 'constructor', '', 'ключ'),
  fc.string({ unit: 'grapheme' }),
);
const anyValue: fc.Arbitrary<JsonAnyValue> = fc.letrec<{ any: JsonAnyValue }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string({ unit: 'grapheme' }).map((stringValue) => ({ stringValue })),
    fc.boolean().map((boolValue) => ({ boolValue })),
    fc.maxSafeInteger().map((value) => ({ intValue: String(value) })),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((doubleValue) => ({ doubleValue })),
    fc.uint8Array().map((bytes) => ({ bytesValue: Buffer.from(bytes).toString('base64') })),
    fc.array(tie('any'), { maxLength: 3 }).map((values) => ({ arrayValue: { values } })),
    fc
      .array(fc.record({ key, value: tie('any') }), { maxLength: 3 })
      .map((values) => ({ kvlistValue: { values } })),
  ),
})).any;
const attributes: fc.Arbitrary<JsonAttribute[]> = fc.array(fc.record({ key, value: anyValue }), {
  maxLength: 4,
});
const time = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String);
const text = fc.string({ unit: 'grapheme' });
const requests: fc.Arbitrary<JsonTraceRequest> = fc.record({
  resourceSpans: fc.array(
    fc.record({
      resource: fc.record({ attributes }),
      scopeSpans: fc.array(
        fc.record({
          scope: fc.record({ name: text, version: text }),
          schemaUrl: text,
          spans: fc.array(
            fc.record({
              traceId: hex(16),
              spanId: hex(8),
              parentSpanId: fc.oneof(hex(8), fc.constant('')),
              traceState: text,
              name: text,
              kind: fc.nat(5),
              startTimeUnixNano: time,
              endTimeUnixNano: time,
              attributes,
              events: fc.array(fc.record({ timeUnixNano: time, name: text, attributes }), { maxLength: 2 }),
              links: fc.array(fc.record({ traceId: hex(16), spanId: hex(8), attributes }), { maxLength: 2 }),
              status: fc.record({ code: fc.nat(2), message: text }),
              flags: fc.nat(0xffffffff),
            }),
            { maxLength: 3 },
          ),
        }),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 2 },
  ),
});

/** A double without a fraction is a number in JSON and looks like an integer in a list: both are the text of the same number. */
const untyped = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_key, item: unknown) =>
      typeof item === 'bigint' ? String(item) : item,
    ).replaceAll('"type":"i"', '"type":"d"'),
  );

it('reads the same spans from protobuf and from JSON, whatever they hold', async () => {
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      const { sink, otlp } = setup();
      await otlp.export('t', 'protobuf', traceProtobuf(request));
      const fromProtobuf = sink.spans;
      await otlp.export('t', 'json', Buffer.from(JSON.stringify(request)));
      expect(untyped(sink.spans)).toEqual(untyped(fromProtobuf));
      expect(fromProtobuf).toHaveLength(
        request.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)).length,
      );
    }),
    { numRuns: 60 },
  );
});

it('reads any bytes or says that they are malformed, and nothing else', async () => {
  const damaged = fc.tuple(requests, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }), fc.nat());
  await fc.assert(
    fc.asyncProperty(
      damaged,
      fc.constantFrom('protobuf', 'json'),
      async ([request, flips, cut], encoding) => {
        const { otlp } = setup();
        const body =
          encoding === 'json' ? Buffer.from(JSON.stringify(request)) : Buffer.from(traceProtobuf(request));
        for (const [at, byte] of flips) if (body.length > 0) body[at % body.length] = byte;
        const end = cut % 3 === 0 ? cut % (body.length + 1) : body.length;
        const answer = await otlp
          .export('t', encoding, body.subarray(0, end))
          .catch((error: unknown) => error);
        if (answer instanceof Error) expect(answer).toMatchObject({ code: 'wire.malformed' });
      },
    ),
    { numRuns: 150 },
  );
});

it('takes members of JSON in any order, null for nothing, and unknown ones', async () => {
  const { sink, otlp } = setup();
  const body = `{"unknown":[{"a":1}],"resourceSpans":[{"scopeSpans":[{"spans":[
    {"name":"x","spanId":"EEE19B7EC3C1B174","endTimeUnixNano":20,"startTimeUnixNano":"10","traceId":"5B8EFFF798038103D269B633813FC60C",
     "attributes":[{"value":{"arrayValue":{"values":[{"intValue":1}]}},"key":"l"},{"key":"k","value":null},{"key":"m","value":{}}],"events":null,"status":{},"kind":3}],
     "scope":{"version":"2","name":"s"}}],"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"v"}}]}},{"scopeSpans":null}]}`;
  await otlp.export('t', 'json', Buffer.from(body));
  expect(sink.spans).toMatchObject([
    {
      ids: '5b8efff798038103d269b633813fc60ceee19b7ec3c1b1740000000000000000',
      start: 10n,
      end: 20n,
      kind: 3,
      attributes: [
        { key: 'l', type: 'j', value: '[1]' },
        { key: 'k', type: 'n', value: '' },
        { key: 'm', type: 'n', value: '' },
      ],
      source: {
        scopeName: 's',
        scopeVersion: '2',
        resource: [{ key: 'service.name', type: 's', value: 'v' }],
      },
    },
  ]);
});

it('keeps integers of events exact', async () => {
  const { sink, otlp } = setup();
  const integers = ['9223372036854775807', '-9223372036854775808', '9007199254740993', '-5', '0', 'none'];
  const attributes = integers.map((intValue) => ({ key: 'n', value: { intValue } }));
  const span = {
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: 'eee19b7ec3c1b174',
    events: [{ timeUnixNano: '1', name: 'e', attributes }],
  };
  await otlp.export(
    't',
    'json',
    Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })),
  );
  expect(sink.spans[0]?.events).toMatchObject([
    { attributes: integers.map((value) => ({ key: 'n', type: value === 'none' ? 's' : 'i', value })) },
  ]);
});
