import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { applyErrorHead } from '../../http/render.ts';
import type { ApiModule, HttpApp } from '../../http/types.ts';
import type { ExpositionFormat } from '../ingest/exposition/scanner.ts';
import { pushErrors } from '../ingest/push/errors.ts';
import { parseGrouping } from '../ingest/push/grouping.ts';
import { type PushResult, pushErrorText } from '../ingest/push/refusals.ts';
import type { PushService } from '../ingest/push/service.ts';

/** Largest pushed body after decompression. */
const BODY_LIMIT = 32 * 2 ** 20;

/**
 * Pushed Prometheus text: Pushgateway's `PUT|POST|DELETE /metrics/job/<job>{/<label>/<value>}` and, without groups,
 * `POST /api/v1/import/prometheus?extra_label=name=value`. Errors are one line of plain text, as both APIs answer them.
 */
export function pushApi(push: PushService): ApiModule {
  return {
    name: 'push',
    renderError: (error, _request, reply) => {
      applyErrorHead(reply, error);
      void reply.type('text/plain; charset=utf-8');
      return pushErrorText(error);
    },
    register(app) {
      // Bodies stay the bytes they were, whatever they call themselves: curl sends a form's content type by default.
      app.removeAllContentTypeParsers();
      app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
      groupRoutes(app, push);
      importRoute(app, push);
    },
  };
}

function groupRoutes(app: HttpApp, push: PushService): void {
  const tags = ['push'];
  const path = '/metrics/job/*';
  const grouping = (request: FastifyRequest): ReadonlyMap<string, string> =>
    // The router decodes its parameters, and an encoded slash must not split a value: take the raw path.
    parseGrouping((request.raw.url ?? '').split('?', 1)[0]?.slice('/metrics/'.length) ?? '');
  const plain = { 200: z.string(), 202: z.string(), 400: z.string() };
  for (const [method, replaceAll, summary] of [
    ['PUT', true, 'Replaces all metrics of a group (Pushgateway)'],
    ['POST', false, 'Replaces the named metrics of a group (Pushgateway)'],
  ] as const) {
    app.route({
      method,
      url: path,
      bodyLimit: BODY_LIMIT,
      schema: { tags, summary, response: plain },
      handler: async (request, reply) => {
        const group = grouping(request);
        const result = await push.push(request.tenant, group, bodyOf(request), formatOf(request), replaceAll);
        void reply.code(result.refused === 0 ? 200 : 400).type('text/plain; charset=utf-8');
        return result.refused === 0 ? '' : refusedText(result);
      },
    });
  }
  app.delete(
    path,
    { schema: { tags, summary: 'Ends a group: its series become stale (Pushgateway)', response: plain } },
    async (request, reply) => {
      await push.remove(request.tenant, grouping(request));
      void reply.code(202).type('text/plain; charset=utf-8');
      return '';
    },
  );
}

function importRoute(app: HttpApp, push: PushService): void {
  const querystring = z.object({
    extra_label: z
      .union([z.string(), z.array(z.string())])
      .default([])
      .transform((value) => [value].flat())
      .describe('`name=value`, given to samples that lack the label; may be repeated.'),
  });
  app.post(
    '/api/v1/import/prometheus',
    {
      bodyLimit: BODY_LIMIT,
      schema: {
        tags: ['push'],
        summary: 'Stores Prometheus text; valid lines are kept, refused ones named',
        querystring,
        response: { 204: z.null(), 400: z.string() },
      },
    },
    async (request, reply) => {
      const extra = new Map(request.query.extra_label.map(parseExtraLabel));
      const result = await push.importText(request.tenant, bodyOf(request), formatOf(request), extra);
      if (result.refused === 0) {
        void reply.code(204);
        return null;
      }
      void reply.code(400).type('text/plain; charset=utf-8');
      return refusedText(result);
    },
  );
}

function refusedText({ stored, refused, problem }: PushResult): string {
  return `stored ${stored} samples, refused ${refused}: ${problem}\n`;
}

function parseExtraLabel(text: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals <= 0) {
    throw pushErrors.make('malformed', `extra_label ${JSON.stringify(text)} is not name=value`);
  }
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function bodyOf(request: FastifyRequest): Uint8Array {
  return Buffer.isBuffer(request.body) ? request.body : new Uint8Array(0);
}

const TEXT_TYPES: readonly string[] = [
  '',
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/octet-stream',
];

function formatOf(request: FastifyRequest): ExpositionFormat {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/openmetrics-text') return 'openmetrics';
  if (TEXT_TYPES.includes(type)) return 'text';
  throw pushErrors.make(
    'unsupported_media',
    `pushed bodies of type ${JSON.stringify(type)} are not understood`,
  );
}
