import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { applyErrorHead } from '../../http/render.ts';
import type { ApiModule } from '../../http/types.ts';
import type { PharosError } from '../../kernel/errors.ts';
import { LOG_BODY_LIMIT } from '../decode/bodies.ts';
import { logsErrors } from '../errors.ts';
import type { LogDoors, LokiEncoding } from '../ingest/service.ts';
import type { LogReport } from '../sink.ts';

/** The second is what senders of before Loki 1.0 use. */
const PATHS = ['/loki/api/v1/push', '/api/prom/push'] as const;

/** `POST /loki/api/v1/push` in JSON and snappy protobuf (compat 5.1). Errors are plain text. */
export function lokiPushApi(doors: LogDoors): ApiModule {
  return {
    name: 'loki-push',
    renderError: (error, _request, reply) => {
      applyErrorHead(reply, error);
      void reply.type('text/plain; charset=utf-8');
      return `${error.message}\n`;
    },
    register(app) {
      app.removeAllContentTypeParsers();
      app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
      for (const path of PATHS)
        app.post(
          path,
          {
            bodyLimit: LOG_BODY_LIMIT,
            schema: {
              tags: ['ingest'],
              summary: 'Log lines as Loki takes them (JSON, or snappy protobuf)',
              response: { 204: z.null(), 400: z.string(), 429: z.string() },
            },
          },
          async (request, reply) => {
            const encoding = encodingOf(request);
            const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
            const isSnappy = encoding === 'protobuf' || contentEncoding(request) === 'snappy';
            const report = await doors.loki(request.tenant, encoding, body, isSnappy);
            if (report.refused.length > 0) throw refusalOf(report);
            void reply.code(204);
            return null;
          },
        );
    },
  };
}

/** JSON says so; anything else is protobuf, and no content type at all is an error (LP-1, LP-2). */
function encodingOf(request: FastifyRequest): LokiEncoding {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === '')
    throw logsErrors.make(
      'malformed',
      'the Content-Type is missing, expected application/json or application/x-protobuf',
    );
  return type === 'application/json' ? 'json' : 'protobuf';
}

function contentEncoding(request: FastifyRequest): string {
  return (request.headers['content-encoding'] ?? '').trim().toLowerCase();
}

/** Seconds: streams are freed every ten minutes, and senders of Loki's wait longer each time by themselves. */
const STREAMS_RETRY_SECONDS = 10;

/** What passes may be sent again, as Loki says it (429, LP-3): its senders drop for good what is answered 400. What was stored is known then. */
function refusalOf(report: LogReport): PharosError {
  const text = refusedText(report);
  return report.refused.some(({ reason }) => reason === 'stream_limit')
    ? logsErrors.make('tooManyStreams', text, { retryAfterSeconds: STREAMS_RETRY_SECONDS })
    : logsErrors.make('refused', text);
}

export function refusedText({ stored, duplicates, refused }: LogReport): string {
  const total = refused.reduce((sum, { count }) => sum + count, 0);
  const reasons = refused.map(({ count, message }) => `${count} × ${message}`).join('; ');
  return `stored ${stored + duplicates} lines, refused ${total}: ${reasons}`;
}
