import type { FastifyReply } from 'fastify';
import { applyErrorHead } from '../../http/render.ts';
import type { ApiModule } from '../../http/types.ts';
import { requireSnappy, versionOf } from '../ingest/remote-write/content.ts';
import { remoteWriteErrors } from '../ingest/remote-write/errors.ts';
import type { RemoteWriteService } from '../ingest/remote-write/service.ts';
import { NOTHING_WRITTEN, type WrittenCounts } from '../ingest/remote-write/session.ts';

const PATH = '/api/v1/write';
/** Largest compressed body; what it decodes to has a limit of its own. */
const BODY_LIMIT = 32 * 2 ** 20;
/** Senders log only so much of an answer (RW-2). */
const MAX_ERROR_CHARACTERS = 1000;

/**
 * `POST /api/v1/write`, remote write 1.0 and 2.0. Errors are one line of plain text (compat X-7). An import of old data says
 * `X-Pharos-Backfill: true`, which takes samples of any age where the operator allows it.
 */
export function remoteWriteApi(service: RemoteWriteService, backfillAllowed = false): ApiModule {
  return {
    name: 'remote-write',
    renderError: (error, _request, reply) => {
      applyErrorHead(reply, error);
      void reply.type('text/plain; charset=utf-8');
      return `${oneLine(error.message)}\n`;
    },
    register(app) {
      app.removeAllContentTypeParsers();
      app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
      app.post(
        PATH,
        {
          bodyLimit: BODY_LIMIT,
          schema: { tags: ['ingest'], summary: 'Prometheus remote write 1.0 and 2.0 (snappy, protobuf)' },
          // Before the body is read: what cannot be understood need not be sent.
          onRequest: async (request) => {
            versionOf(request.headers['content-type']);
            requireSnappy(request.headers['content-encoding']);
          },
        },
        async (request, reply) => {
          const version = versionOf(request.headers['content-type']);
          const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
          if (version === '2.0') setWritten(reply, NOTHING_WRITTEN);
          const backfill = request.headers['x-pharos-backfill'] === 'true';
          if (backfill && !backfillAllowed)
            throw remoteWriteErrors.make(
              'backfillDisabled',
              'samples of any age are taken only with web.enable_admin_api',
            );
          const { problem, written } = await service.write(request.tenant, version, body, backfill);
          if (version === '2.0') setWritten(reply, written);
          if (problem === '') return reply.code(204).send();
          throw remoteWriteErrors.make('refused', problem);
        },
      );
      app.route({
        method: ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH'],
        url: PATH,
        schema: { hide: true },
        // A probe of newer vmagents must get a 4xx, never a number (RW-8).
        handler: (request, reply) => {
          void reply.header('allow', 'POST');
          throw remoteWriteErrors.make('methodNotAllowed', `${request.method} ${PATH}: expected POST`);
        },
      });
    },
  };
}

function setWritten(reply: FastifyReply, { samples, histograms, exemplars }: WrittenCounts): void {
  void reply.headers({
    'x-prometheus-remote-write-samples-written': String(samples),
    'x-prometheus-remote-write-histograms-written': String(histograms),
    'x-prometheus-remote-write-exemplars-written': String(exemplars),
  });
}

function oneLine(text: string): string {
  const line = text.replaceAll(/[\r\n]+/g, ' ');
  return line.length > MAX_ERROR_CHARACTERS ? `${line.slice(0, MAX_ERROR_CHARACTERS)}...` : line;
}
