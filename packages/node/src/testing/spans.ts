import { gunzipSync } from 'node:zlib';
import type { Delivery, Transport } from '../push/transport.ts';
import { hex, type Message, messages, number, readMessage, text } from './protobuf.ts';

/** A span as it was sent by OTLP (opentelemetry/proto/trace/v1/trace.proto). */
export interface SentSpan {
  readonly service: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parent: string;
  /** 0 unset, 1 ok, 2 error. */
  readonly status: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly events: readonly {
    readonly name: string;
    readonly attributes: Readonly<Record<string, string | number>>;
  }[];
}

/** Takes everything and keeps it. */
export class Receiver {
  readonly deliveries: Delivery[] = [];
  readonly transport: Transport = async (delivery) => {
    this.deliveries.push(delivery);
    return { status: 200, retryAfterSeconds: undefined };
  };

  at(path: string): readonly Delivery[] {
    return this.deliveries.filter(({ url }) => new URL(url).pathname === path);
  }

  spans(): SentSpan[] {
    return this.at('/v1/traces').flatMap(({ body }) => spansOf(readMessage(gunzipSync(body))));
  }
}

function spansOf(request: Message): SentSpan[] {
  return messages(request, 1).flatMap((resourceSpans) => {
    const service = attributesOf(messages(resourceSpans, 1)[0], 1)['service.name'];
    return messages(resourceSpans, 2)
      .flatMap((scopeSpans) => messages(scopeSpans, 2))
      .map((span) => ({
        service: String(service),
        name: text(span, 5),
        kind: number(span, 6),
        traceId: hex(span, 1),
        spanId: hex(span, 2),
        parent: hex(span, 4),
        status: number(messages(span, 15)[0], 3),
        attributes: attributesOf(span, 9),
        events: messages(span, 11).map((event) => ({
          name: text(event, 2),
          attributes: attributesOf(event, 3),
        })),
      }));
  });
}

function attributesOf(message: Message | undefined, field: number): Record<string, string | number> {
  return Object.fromEntries(
    messages(message, field).map((pair) => {
      const [value] = messages(pair, 2);
      return [text(pair, 1), value?.has(1) === true ? text(value, 1) : number(value, value?.has(3) ? 3 : 2)];
    }),
  );
}
