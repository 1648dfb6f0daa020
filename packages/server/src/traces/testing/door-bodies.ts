import type { DoorBody } from '../../http/testing/door-body.ts';
import { ProtobufWriter } from '../../kernel/wire/protobuf-writer.ts';
import { type JsonTraceRequest, traceProtobuf } from './otlp-json.ts';
import { type ThriftStruct, thriftBytes } from './thrift-writer.ts';

export interface SpanBatch {
  readonly service: string;
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits each. */
  readonly spanIds: readonly string[];
  /** Epoch ms. */
  readonly at: number;
}

const JSON_TYPE = 'application/json';
const PROTOBUF = 'application/x-protobuf';

function otlpRequest({ service, traceId, spanIds, at }: SpanBatch): JsonTraceRequest {
  return {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
        scopeSpans: [
          {
            spans: spanIds.map((spanId) => ({
              traceId,
              spanId,
              name: 'work',
              kind: 2,
              startTimeUnixNano: `${at}000000`,
              endTimeUnixNano: `${at + 5}000000`,
            })),
          },
        ],
      },
    ],
  };
}

function zipkinProtobuf({ service, traceId, spanIds, at }: SpanBatch): Uint8Array<ArrayBuffer> {
  const SERVER = 2;
  const writer = new ProtobufWriter();
  for (const id of spanIds)
    writer.message(1, (span) =>
      span
        .range(1, Buffer.from(traceId, 'hex'))
        .range(3, Buffer.from(id, 'hex'))
        .varint(4, SERVER)
        .text(5, 'work')
        .fixed64(6, at * 1000)
        .varint(7, 5000)
        .message(8, (endpoint) => endpoint.text(1, service)),
    );
  return writer.bytes.slice();
}

/** How a batch is sent, by door. */
export const SPAN_DOORS = {
  'otlp-json': (batch) => ({
    path: '/v1/traces',
    type: JSON_TYPE,
    body: JSON.stringify(otlpRequest(batch)),
  }),
  'otlp-protobuf': (batch) => ({
    path: '/v1/traces',
    type: PROTOBUF,
    body: Uint8Array.from(traceProtobuf(otlpRequest(batch))),
  }),
  'otlp-grpc': (batch) => ({
    path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    type: null,
    body: Uint8Array.from(traceProtobuf(otlpRequest(batch))),
  }),
  'zipkin-json': ({ service, traceId, spanIds, at }) => ({
    path: '/api/v2/spans',
    type: JSON_TYPE,
    body: JSON.stringify(
      spanIds.map((id) => ({
        traceId,
        id,
        name: 'work',
        kind: 'SERVER',
        timestamp: at * 1000,
        duration: 5000,
        localEndpoint: { serviceName: service },
      })),
    ),
  }),
  'zipkin-protobuf': (batch) => ({ path: '/api/v2/spans', type: PROTOBUF, body: zipkinProtobuf(batch) }),
  'jaeger-thrift': ({ service, traceId, spanIds, at }) => ({
    path: '/api/traces',
    type: 'application/x-thrift',
    body: Uint8Array.from(
      thriftBytes({
        1: { struct: { 1: { string: service } } },
        2: {
          list: spanIds.map(
            (spanId): ThriftStruct => ({
              1: { i64: BigInt(`0x${traceId.slice(16)}`) },
              2: { i64: BigInt(`0x${traceId.slice(0, 16)}`) },
              3: { i64: BigInt(`0x${spanId}`) },
              4: { i64: 0n },
              5: { string: 'work' },
              7: { i32: 1 },
              8: { i64: BigInt(at) * 1000n },
              9: { i64: 5000n },
            }),
          ),
        },
      }),
    ),
  }),
} as const satisfies Readonly<Record<string, (batch: SpanBatch) => DoorBody>>;

export type SpanDoor = keyof typeof SPAN_DOORS;
