import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { applyErrorHead } from '../../http/render.ts';
import type { ApiModule } from '../../http/types.ts';
import { tracesErrors } from '../errors.ts';
import type { SpanDoors } from '../ingest/doors.ts';
import { readJaegerBatch } from '../ingest/jaeger/batch.ts';
import type { IngestSession } from '../ingest/session.ts';
import { readZipkinJson } from '../ingest/zipkin/json.ts';
import { readZipkinProtobuf } from '../ingest/zipkin/protobuf.ts';
import type { SpanReport } from '../sink.ts';

/** Largest body after decompression. */
const BODY_LIMIT = 32 * 2 ** 20;

/** A protocol by its name in the telemetry, and what reads it. */
interface Format {
  readonly name: string;
  readonly read: (body: Uint8Array, session: IngestSession) => Promise<void>;
}

interface Door {
  readonly path: string;
  readonly summary: string;
  /** By Content-Type. */
  readonly formats: ReadonlyMap<string, Format>;
}

const THRIFT: Format = { name: 'jaeger-thrift', read: readJaegerBatch };

const DOORS: readonly Door[] = [
  {
    path: '/api/traces',
    summary: 'Spans as Jaeger clients send them (Thrift, binary protocol)',
    formats: new Map([
      ['application/x-thrift', THRIFT],
      ['application/vnd.apache.thrift.binary', THRIFT],
    ]),
  },
  {
    path: '/api/v2/spans',
    summary: 'Spans as Zipkin clients send them (v2, JSON or protobuf)',
    formats: new Map([
      ['application/json', { name: 'zipkin-json', read: readZipkinJson }],
      ['application/x-protobuf', { name: 'zipkin-protobuf', read: readZipkinProtobuf }],
    ]),
  },
];

/** Jaeger's and Zipkin's ways in: 202 without a body, errors in plain text. */
export function spanDoorsApi(doors: SpanDoors): ApiModule {
  return {
    name: 'span-doors',
    renderError: (error, _request, reply) => {
      applyErrorHead(reply, error);
      void reply.type('text/plain; charset=utf-8');
      return `${error.message}\n`;
    },
    register(app) {
      app.removeAllContentTypeParsers();
      app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
      for (const door of DOORS)
        app.post(
          door.path,
          {
            bodyLimit: BODY_LIMIT,
            schema: {
              tags: ['ingest'],
              summary: door.summary,
              response: { 202: z.string(), 400: z.string() },
            },
          },
          async (request, reply) => {
            const { name, read } = formatOf(request, door);
            const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
            refuseWhole(await doors.take(request.tenant, name, (session) => read(body, session)));
            return reply.code(202).send('');
          },
        );
    },
  };
}

/** A wrong type is 400 for both (JT-1). */
function formatOf(request: FastifyRequest, { formats }: Door): Format {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const format = formats.get(type);
  if (format !== undefined) return format;
  throw tracesErrors.make(
    'malformed',
    `Content-Type ${JSON.stringify(type.slice(0, 100))}, expected ${[...formats.keys()].join(' or ')}`,
  );
}

/** Senders cannot be told of single spans: they hear of it when none was taken. */
function refuseWhole({ stored, duplicates, refused }: SpanReport): void {
  if (refused.length === 0 || stored + duplicates > 0) return;
  throw tracesErrors.make(
    'malformed',
    refused.map(({ count, message }) => `${count} × ${message}`).join('; '),
  );
}
