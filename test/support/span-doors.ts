import { type ThriftStruct, thriftBytes } from '../../packages/server/src/traces/testing/thrift-writer.ts';

/** Of one batch, which is a trace. */
const SPANS = 10;

interface Push {
  readonly path: string;
  readonly type: string;
  readonly body: string | Buffer;
}

interface Batch {
  readonly service: string;
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits each. */
  readonly spanIds: readonly string[];
  /** Epoch ms. */
  readonly at: number;
}

/** How a batch is sent, by door. */
const DOORS: readonly ((batch: Batch) => Push)[] = [
  ({ service, traceId, spanIds, at }) => ({
    path: '/v1/traces',
    type: 'application/json',
    body: JSON.stringify({
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
    }),
  }),
  ({ service, traceId, spanIds, at }) => ({
    path: '/api/v2/spans',
    type: 'application/json',
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
  ({ service, traceId, spanIds, at }) => ({
    path: '/api/traces',
    type: 'application/x-thrift',
    body: thriftBytes({
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
  }),
];

/** Pushes spans of a service, each batch through the next of the doors. Every span is its own. */
export class SpanPusher {
  /** `<trace> <span>` of what was acknowledged. */
  readonly acknowledged = new Set<string>();
  readonly #service: string;
  #last: { readonly push: Push; readonly batch: Batch } | null = null;
  #batches = 0;

  constructor(service: string) {
    this.#service = service;
  }

  /** True when the batch was acknowledged; rejects when nobody answers. */
  async push(url: string): Promise<boolean> {
    const number = ++this.#batches;
    const batch: Batch = {
      service: this.#service,
      traceId: hex(number, 32),
      spanIds: Array.from({ length: SPANS }, (_, i) => hex(number * SPANS + i, 16)),
      at: Date.now(),
    };
    const push = DOORS[number % DOORS.length]?.(batch);
    if (push === undefined) throw new Error('no door');
    this.#last = { push, batch };
    return this.repeat(url);
  }

  /** Sends the last batch once more, as a sender does that heard nothing. */
  async repeat(url: string): Promise<boolean> {
    if (this.#last === null) return true;
    const { push, batch } = this.#last;
    const answer = await fetch(`${url}${push.path}`, {
      method: 'POST',
      body: push.body,
      headers: { 'content-type': push.type },
      signal: AbortSignal.timeout(20_000),
    });
    await answer.arrayBuffer();
    if (!answer.ok) return false;
    for (const spanId of batch.spanIds) this.acknowledged.add(`${batch.traceId} ${spanId}`);
    return true;
  }
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0');
}
