import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { otlpApi } from '../../../http/otlp/api.ts';
import { openTestApp } from '../../../http/testing/test-app.ts';
import { ManualClock } from '../../../kernel/clock.ts';
import { PharosError } from '../../../kernel/errors.ts';
import { createTelemetry } from '../../../kernel/telemetry.ts';
import { ProtobufWriter } from '../../../kernel/wire/protobuf-writer.ts';
import type { LineRefusal, LogAppender, LogSink } from '../../sink.ts';
import { logsTelemetry } from '../../telemetry.ts';
import { nanosOf } from '../../time.ts';
import { LogDoors } from '../service.ts';
import { OtlpLogs } from './signal.ts';

const NOW = 1_700_000_000_000;
const TIME = 1_700_000_000_123_456_789n;

interface Taken {
  readonly labels: Record<string, string>;
  readonly time: bigint;
  readonly message: string;
  readonly metadata: Record<string, string>;
}

/** Refuses messages that say so; everything else is stored. */
class MemorySink implements LogSink {
  readonly taken: Taken[] = [];

  appender(): LogAppender {
    const streams: Record<string, string>[] = [];
    const taken: Taken[] = [];
    const refused: LineRefusal[] = [];
    return {
      stream: (labels) => streams.push(Object.fromEntries(labels.toMap())) - 1,
      append: (stream, { time, bytes, start, end, metadata }) => {
        const message = Buffer.from(bytes).toString('utf8', start, end);
        if (message === 'refuse me') refused.push({ reason: 'too_old', message: 'too old' });
        else {
          const pairs = Array.from({ length: metadata.length / 2 }, (_, i) =>
            metadata.slice(2 * i, 2 * i + 2),
          );
          expect(new Set(pairs.map(([name]) => name)).size).toBe(pairs.length);
          taken.push({
            labels: streams[stream] ?? {},
            time: nanosOf(time),
            message,
            metadata: Object.fromEntries(pairs) as Record<string, string>,
          });
        }
      },
      problem: () => null,
      refuse: (refusal) => void refused.push(refusal),
      adopt: () => {},
      rollback: () => {},
      commit: () => {
        this.taken.push(...taken);
        const all = refused.map(({ reason, message }) => ({ reason, message, count: 1 }));
        return Promise.resolve({ stored: taken.length, duplicates: 0, refused: all });
      },
    };
  }
}

async function setup() {
  const sink = new MemorySink();
  const clock = new ManualClock(NOW);
  const telemetry = logsTelemetry(createTelemetry(), () => ({
    streams: 0,
    pendingLines: 0,
    pendingBytes: 0,
    newestBytes: 0,
  }));
  const doors = new LogDoors({ sink, clock, telemetry, breathe: () => Promise.resolve() });
  const logs = new OtlpLogs(doors);
  const app = await openTestApp([otlpApi(logs)]);
  const send = async (body: Uint8Array | string, type: string, url = '/v1/logs') => {
    const payload = Buffer.from(body);
    return app.inject({ method: 'POST', url, payload, headers: { host: 'localhost', 'content-type': type } });
  };
  const json = (body: unknown) =>
    send(typeof body === 'string' ? body : JSON.stringify(body), 'application/json');
  return { sink, logs, send, json };
}

const RESOURCE = [
  ['service.name', 'checkout'],
  ['k8s.pod.name', 'checkout-1'],
  ['host.name', 'node 1'],
  ['both', 'resource'],
];
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

function attribute(writer: ProtobufWriter, field: number, key: string, value: string): void {
  writer.message(field, (pair) => pair.text(1, key).message(2, (any) => any.text(1, value)));
}

function protobufRequest(bodies: readonly string[]): Uint8Array {
  return Uint8Array.from(
    new ProtobufWriter().message(1, (group) => {
      // The scope's logs stand before the resource: the order of fields is free.
      group.message(2, (scopeLogs) => {
        for (const body of bodies)
          scopeLogs.message(2, (record) => {
            record
              .words(1, Number(TIME & 0xffffffffn), Number(TIME >> 32n))
              .varint(2, 17)
              .text(3, 'ERROR');
            record.message(5, (any) => any.text(1, body));
            attribute(record, 6, 'http.status', '500');
            attribute(record, 6, 'both', 'record');
            record.range(9, Buffer.from(TRACE, 'hex')).range(10, Buffer.from(SPAN, 'hex'));
          });
        scopeLogs.message(1, (scope) => scope.text(1, 'shop').text(2, '1.2'));
      });
      group.message(1, (resource) => {
        for (const [key = '', value = ''] of RESOURCE) attribute(resource, 1, key, value);
      });
    }).bytes,
  );
}

const any = (stringValue: string) => ({ stringValue });

function jsonRequest(bodies: readonly string[]) {
  return {
    resourceLogs: [
      {
        scopeLogs: [
          {
            logRecords: bodies.map((body) => ({
              timeUnixNano: '1700000000123456789',
              severityNumber: 17,
              severityText: 'ERROR',
              body: any(body),
              attributes: [
                { key: 'http.status', value: { intValue: '500' } },
                { key: 'both', value: any('record') },
              ],
              traceId: TRACE.toUpperCase(),
              spanId: SPAN,
              unknown: { x: [1] },
            })),
            scope: { name: 'shop', version: '1.2' },
          },
        ],
        resource: { attributes: RESOURCE.map(([key, value]) => ({ key, value: any(value ?? '') })) },
      },
    ],
  };
}

const EXPECTED = {
  labels: { service_name: 'checkout', k8s_pod_name: 'checkout-1' },
  time: TIME,
  metadata: {
    http_status: '500',
    both: 'record',
    host_name: 'node 1',
    scope_name: 'shop',
    scope_version: '1.2',
    detected_level: 'error',
    severity_number: '17',
    severity_text: 'ERROR',
    trace_id: TRACE,
    span_id: SPAN,
  },
};

describe('OTLP logs', () => {
  it('OT-5: protobuf and JSON become the same lines', async () => {
    const { sink, send, json } = await setup();
    const one = await send(protobufRequest(['disk füll']), 'application/x-protobuf');
    expect([one.statusCode, one.headers['content-type'], one.rawPayload.length]).toEqual([
      200,
      'application/x-protobuf',
      0,
    ]);
    const two = await json(jsonRequest(['disk füll']));
    expect([two.statusCode, two.json()]).toEqual([200, {}]);
    expect(sink.taken).toEqual([1, 2].map(() => ({ ...EXPECTED, message: 'disk füll' })));
  });

  it('takes bodies of every kind, no times, ids that are none, and no resource', async () => {
    const { sink, json } = await setup();
    const bodies = [
      {
        body: {
          kvlistValue: { values: [{ key: 'a', value: { arrayValue: { values: [{ intValue: 1 }] } } }] },
        },
      },
      { body: { boolValue: true }, observedTimeUnixNano: 1000, traceId: '0'.repeat(32), spanId: 'xyz' },
      {},
    ];
    const answer = await json({ resourceLogs: [{ scopeLogs: [{ logRecords: bodies }] }] });
    expect(answer.statusCode).toBe(200);
    const labels = { service_name: 'unknown_service' };
    expect(sink.taken).toEqual([
      { labels, time: BigInt(NOW) * 1_000_000n, message: '{"a":[1]}', metadata: {} },
      { labels, time: 1000n, message: 'true', metadata: {} },
      { labels, time: BigInt(NOW) * 1_000_000n, message: '', metadata: {} },
    ]);
  });

  it('keeps every digit of 64-bit integers, wherever they stand', async () => {
    const { sink, json, send } = await setup();
    const big = '9007199254740993';
    const list = { arrayValue: { values: [{ intValue: `-${big}` }, { doubleValue: 0.5 }, {}] } };
    const attributes = [
      { key: 'text', value: { intValue: big } },
      { key: 'list', value: list },
      { key: 'map', value: { kvlistValue: { values: [{ key: 'n', value: { intValue: big } }] } } },
      { key: 'small', value: { intValue: '12' } },
      { key: 'said', value: { stringValue: `"intValue": ${big}, } \\"intValue": ${big}` } },
    ];
    const body = JSON.stringify({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { intValue: big }, attributes }] }] }],
    });
    const metadata = {
      text: big,
      list: `[-${big},0.5,null]`,
      map: `{"n":${big}}`,
      small: '12',
      said: `"intValue": ${big}, } \\"intValue": ${big}`,
    };
    expect((await json(body)).statusCode).toBe(200);
    // As numbers, as some senders write them.
    expect((await json(body.replaceAll(/"intValue":"(-?\d+)"/g, '"intValue": $1'))).statusCode).toBe(200);
    const protobuf = new ProtobufWriter().message(1, (group) =>
      group.message(2, (scopeLogs) =>
        scopeLogs.message(2, (record) =>
          record.message(5, (any) =>
            any.message(5, (values) => values.message(1, (item) => item.int64(3, BigInt(big)))),
          ),
        ),
      ),
    );
    expect((await send(protobuf.bytes, 'application/x-protobuf')).statusCode).toBe(200);
    const [first, second, third] = sink.taken;
    expect(first).toMatchObject({ message: big, metadata });
    expect(second).toMatchObject({ message: big, metadata });
    expect(third?.message).toBe(`[${big}]`);
  });

  it('OT-1: says what was not taken, in the encoding of the request', async () => {
    const { sink, json, send } = await setup();
    expect((await json(jsonRequest(['a', 'refuse me']))).json()).toEqual({
      partialSuccess: { rejectedLogRecords: '1', errorMessage: '1 × too old' },
    });
    const all = await send(protobufRequest(['refuse me']), 'application/x-protobuf', '/otlp/v1/logs');
    expect(all.statusCode).toBe(400);
    expect(sink.taken.map(({ message }) => message)).toEqual(['a']);
  });

  it.each([
    ['{}'],
    [''],
    ['{"resourceLogs":[]}'],
    ['{"resourceLogs":null}'],
    ['{"resourceLogs":[{"scopeLogs":[{}]}]}'],
  ])('OT-1: an empty request is a success: %s', async (body) => {
    const { json, send } = await setup();
    expect((await json(body)).statusCode).toBe(200);
    expect((await send('', 'application/x-protobuf')).statusCode).toBe(200);
  });

  it.each([
    ['[]'],
    ['{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"now"}]}]}]}'],
    ['{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"a"},}]}]}]}'],
    ['{"resourceLogs":['],
  ])('OT-2: refuses %s as a whole', async (body) => {
    const { sink, json } = await setup();
    const answer = await json(body);
    expect([answer.statusCode, typeof answer.json<{ message: string }>().message]).toEqual([400, 'string']);
    expect(sink.taken).toEqual([]);
  });

  it('is not kept busy by attributes without number', async () => {
    const { send, sink } = await setup();
    const names = (field: number, count: number) => (message: ProtobufWriter) => {
      for (let i = 0; i < count; i++) message.message(field, (pair) => pair.text(1, `n${i}`));
    };
    const request = (ofResource: number, ofRecord: number): Uint8Array =>
      new ProtobufWriter().message(1, (group) =>
        group.message(1, names(1, ofResource)).message(2, (scope) => scope.message(2, names(6, ofRecord))),
      ).bytes;
    const type = 'application/x-protobuf';
    const record = await send(request(1500, 1500), type);
    expect(record.statusCode).toBe(400);
    expect(record.body).toContain('the record has 3000 attributes with those of its scope and resource');
    const resource = await send(request(20_001, 0), type);
    expect(resource.statusCode).toBe(400);
    expect(resource.body).toContain('a list of more than 20000 attributes');
    expect((await send(request(100, 100), type)).statusCode).toBe(200);
    expect(sink.taken).toHaveLength(1);
  });

  it('survives whatever bytes come', async () => {
    const { logs } = await setup();
    const valid = protobufRequest(['a', 'b']);
    const text = Buffer.from(JSON.stringify(jsonRequest(['a'])));
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.tuple(fc.constantFrom(valid, text), fc.nat(600), fc.nat(255)).map(([body, at, byte]) => {
        const broken = Uint8Array.from(body);
        broken[at % broken.length] = byte;
        return broken;
      }),
    );
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.constantFrom('json' as const, 'protobuf' as const),
        async (body, encoding) => {
          await logs.export('default', encoding, body).catch((error: unknown) => {
            expect(error).toBeInstanceOf(PharosError);
          });
        },
      ),
    );
  });
});
