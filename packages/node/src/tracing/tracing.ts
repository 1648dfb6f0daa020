import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { ROOT_CONTEXT, type Span, type Tracer, trace } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import {
  BasicTracerProvider,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type { ContextStore } from '../context/context.ts';
import type { TraceContext } from '../context/traceparent.ts';
import type { Logger } from '../logs/logger.ts';
import type { Settings, TracingExport } from '../options.ts';
import { DeliveryQueue, type Parcel } from '../push/queue.ts';
import { SpanBatcher } from './batcher.ts';
import { registerGlobally } from './bridge.ts';
import type { SpanStart } from './http-spans.ts';
import { encodeBatch, JAEGER_CONTENT_TYPE } from './jaeger-thrift.ts';
import { toSpanContext } from './span-context.ts';

const compress = promisify(gzip);

/** Records spans and sends them; made only where they have somewhere to go. */
export interface Tracing {
  /** A span below a position in a trace, or the first of a new trace; the sampler decides whether it records. */
  start(what: SpanStart, parent: TraceContext | Span | undefined): Span;
  /** Sends what waits, within the deadline, and unregisters. */
  stop(deadlineMs: number): Promise<void>;
}

export interface TracingDeps {
  readonly settings: Settings;
  readonly target: TracingExport;
  readonly contexts: ContextStore;
  readonly logger: Logger;
}

const TRACER = '@pharos/node';

export function createTracing({ settings, target, contexts, logger }: TracingDeps): Tracing {
  const { clock, random, service, version, instance, tracing } = settings;
  const queue = new DeliveryQueue({
    purpose: 'spans',
    maxBytes: target.maxBufferBytes,
    push: target,
    clock,
    random,
    logger,
    contexts,
  });
  const batcher = new SpanBatcher({
    clock,
    intervalMs: target.intervalMs,
    maxSpans: target.maxSpans,
    send: async (spans) => {
      try {
        queue.add(await parcelOf(target, service, spans));
      } catch (error) {
        logger.warn('spans could not be encoded for sending', { error, spans: spans.length });
      }
    },
  });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': service,
      'service.version': version,
      'service.instance.id': instance,
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.name': 'opentelemetry',
      ...tracing.resource,
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(tracing.sampler) }),
    spanProcessors: [batcher],
  });
  const tracer = provider.getTracer(TRACER);
  const unregister = registerGlobally(provider, contexts);
  return {
    start: (what, parent) => startSpan(tracer, what, parent),
    stop: async (deadlineMs) => {
      unregister();
      await batcher.shutdown();
      await queue.stop(deadlineMs);
    },
  };
}

function startSpan(
  tracer: Tracer,
  { name, kind, attributes }: SpanStart,
  parent: TraceContext | Span | undefined,
): Span {
  const context =
    parent === undefined
      ? ROOT_CONTEXT
      : 'spanContext' in parent
        ? trace.setSpan(ROOT_CONTEXT, parent)
        : trace.setSpanContext(ROOT_CONTEXT, toSpanContext(parent, true));
  return tracer.startSpan(name, { kind, attributes }, context);
}

async function parcelOf(
  { url, protocol, headers }: TracingExport,
  service: string,
  spans: readonly ReadableSpan[],
): Promise<Parcel> {
  if (protocol === 'jaeger')
    return {
      url,
      headers: { ...headers, 'content-type': JAEGER_CONTENT_TYPE },
      body: encodeBatch(service, spans),
    };
  const body = ProtobufTraceSerializer.serializeRequest([...spans]);
  if (body === undefined) throw new TypeError('nothing was encoded');
  return {
    url,
    headers: { ...headers, 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' },
    body: await compress(body),
  };
}
