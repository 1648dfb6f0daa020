import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { applyErrorHead } from '../../http/render.ts';
import type { ApiModule } from '../../http/types.ts';
import { tracesErrors } from '../errors.ts';
import type { SpanDoors } from '../ingest/doors.ts';
import { readJaegerBatch } from '../ingest/jaeger/batch.ts';
import { readZipkinJson } from '../ingest/zipkin/json.ts';
import type { SpanReport } from '../sink.ts';

/** Largest body after decompression. */
const BODY_LIMIT = 32 * 2 ** 20;
const THRIFT_TYPES: ReadonlySet<string> = new Set([
  'application/x-thrift',
  'application/vnd.apache.thrift.binary',
]);

interface Door {
  readonly name: string;
  readonly path: string;
  readonly summary: string;
  readonly accepts: ReadonlySet<string>;
  take(tenant: string, body: Uint8Array): Promise<SpanReport>;
}

/** Jaeger's and Zipkin's ways in: 202 without a body, errors in plain text. */
export function spanDoorsApi(doors: SpanDoors): ApiModule {
  const all: readonly Door[] = [
    {
      name: 'jaeger-thrift',
      path: '/api/traces',
      summary: 'Spans as Jaeger clients send them (Thrift, binary protocol)',
      accepts: THRIFT_TYPES,
      take: (tenant, body) =>
        doors.take(tenant, 'jaeger-thrift', (session) => readJaegerBatch(body, session)),
    },
    {
      name: 'zipkin-json',
      path: '/api/v2/spans',
      summary: 'Spans as Zipkin clients send them (v2 JSON)',
      accepts: new Set(['application/json']),
      take: (tenant, body) => doors.take(tenant, 'zipkin-json', (session) => readZipkinJson(body, session)),
    },
  ];
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
      for (const door of all)
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
            checkType(request, door);
            const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
            refuseWhole(await door.take(request.tenant, body));
            return reply.code(202).send('');
          },
        );
    },
  };
}

/** A wrong type is 400 for both (JT-1). */
function checkType(request: FastifyRequest, { accepts }: Door): void {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (accepts.has(type)) return;
  throw tracesErrors.make(
    'malformed',
    `Content-Type ${JSON.stringify(type.slice(0, 100))}, expected ${[...accepts].join(' or ')}`,
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
