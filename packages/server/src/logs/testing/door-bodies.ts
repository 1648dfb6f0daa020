import type { DoorBody } from '../../http/testing/door-body.ts';
import { ProtobufWriter } from '../../kernel/wire/protobuf-writer.ts';
import { snappyEncode } from '../../kernel/wire/snappy.ts';
import { timeOfNanos, timeWords } from '../time.ts';

type Door = (service: string, messages: readonly string[], ms: number) => DoorBody;

const JSON_TYPE = 'application/json';
const PROTOBUF = 'application/x-protobuf';

function exportLogs(service: string, messages: readonly string[], ms: number): Uint8Array<ArrayBuffer> {
  const { low, high } = timeWords(timeOfNanos(BigInt(ms) * 1_000_000n));
  const text = (value: string) => (any: ProtobufWriter) => void any.text(1, value);
  const { bytes } = new ProtobufWriter().message(1, (resourceLogs) =>
    resourceLogs
      .message(1, (resource) =>
        resource.message(1, (attribute) => attribute.text(1, 'service.name').message(2, text(service))),
      )
      .message(2, (scopeLogs) => {
        for (const message of messages)
          scopeLogs.message(2, (record) => record.words(1, low, high).message(5, text(message)));
      }),
  );
  return bytes.slice();
}

function lokiPush(service: string, messages: readonly string[], ms: number): Uint8Array<ArrayBuffer> {
  const { bytes } = new ProtobufWriter().message(1, (stream) => {
    stream.text(1, `{service_name="${service}"}`);
    for (const message of messages)
      stream.message(2, (entry) =>
        entry
          .message(1, (time) => time.varint(1, Math.floor(ms / 1000)).varint(2, (ms % 1000) * 1_000_000))
          .text(2, message),
      );
  });
  return Uint8Array.from(snappyEncode(bytes));
}

/** How a batch of messages is sent, by door. */
export const LOG_DOORS = {
  lines: (service, messages, ms) => ({
    path: '/api/logs',
    type: JSON_TYPE,
    body: messages.map((message) => JSON.stringify({ timestamp: ms, service, message })).join('\n'),
  }),
  'loki-json': (service, messages, ms) => ({
    path: '/loki/api/v1/push',
    type: JSON_TYPE,
    body: JSON.stringify({
      streams: [{ stream: { service_name: service }, values: messages.map((m) => [`${ms}000000`, m]) }],
    }),
  }),
  'loki-protobuf': (service, messages, ms) => ({
    path: '/loki/api/v1/push',
    type: PROTOBUF,
    body: lokiPush(service, messages, ms),
  }),
  'otlp-json': (service, messages, ms) => ({
    path: '/v1/logs',
    type: JSON_TYPE,
    body: JSON.stringify({
      resourceLogs: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
          scopeLogs: [
            {
              logRecords: messages.map((m) => ({ timeUnixNano: `${ms}000000`, body: { stringValue: m } })),
            },
          ],
        },
      ],
    }),
  }),
  'otlp-protobuf': (...batch) => ({ path: '/v1/logs', type: PROTOBUF, body: exportLogs(...batch) }),
  'otlp-grpc': (...batch) => ({
    path: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
    type: null,
    body: exportLogs(...batch),
  }),
} as const satisfies Readonly<Record<string, Door>>;

export type LogDoor = keyof typeof LOG_DOORS;
