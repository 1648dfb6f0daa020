import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Admission } from '../../http/admit.ts';
import { DEFAULT_TENANT } from '../../http/admit.ts';
import type { ApiModule } from '../../http/types.ts';
import type { ErrorsConfig } from '../config.ts';
import { errorsErrors } from '../errors.ts';
import type { ErrorDoors, SentryProject } from '../ingest/doors.ts';

/** Largest envelope after decompression: attachments and replays come beside the event. */
const ENVELOPE_LIMIT = 32 * 2 ** 20;

const params = z.object({ project: z.string().regex(/^\d{1,18}$/, 'expected the number of a project') });
const answer = z.object({ id: z.string().optional().describe('Of the event, 32 hex digits.') });

export interface SentryApiOptions {
  readonly doors: ErrorDoors;
  readonly projects: ErrorsConfig['projects'];
}

/** `POST /api/{project}/envelope/` and `/store/`: what SDKs of Sentry send to a DSN (develop.sentry.dev, Transport). */
export function sentryApi({ doors, projects }: SentryApiOptions): ApiModule {
  const projectOf = (request: FastifyRequest): SentryProject => knownProject(projects, request);
  return {
    name: 'sentry',
    renderError: (error, _request, reply) => {
      if (errorsErrors.is(error, 'rateLimited'))
        void reply.header(
          'x-sentry-rate-limits',
          `${error.retryAfterSeconds ?? 60}:error;default:organization:pharos`,
        );
      void reply.header('x-sentry-error', error.message.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200));
      return { detail: error.message };
    },
    register(app) {
      app.removeAllContentTypeParsers();
      app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
      const config = { credentials: (request: FastifyRequest) => admissionOf(projects, request) };
      const schema = (summary: string) => ({ tags: ['ingest'], summary, params, response: { 200: answer } });
      for (const slash of ['/', '']) {
        app.post(
          `/api/:project/envelope${slash}`,
          {
            bodyLimit: ENVELOPE_LIMIT,
            config,
            schema: { ...schema('An envelope of a Sentry SDK'), hide: slash === '' },
          },
          async (request, reply) => {
            const { id, stored, duplicates, refused } = await doors.envelope(
              projectOf(request),
              bytesOf(request),
            );
            if (refused.length > 0 && stored + duplicates === 0)
              throw errorsErrors.make(
                refused.some(({ reason }) => reason === 'too_large') ? 'tooLarge' : 'refused',
                refused.map(({ message }) => message).join('; '),
              );
            return answered(reply, id);
          },
        );
        app.post(
          `/api/:project/store${slash}`,
          {
            bodyLimit: ENVELOPE_LIMIT,
            config,
            schema: { ...schema('An event of an older Sentry SDK'), hide: slash === '' },
          },
          async (request, reply) => {
            const { id, refused } = await doors.event(projectOf(request), bytesOf(request));
            if (refused.length > 0)
              throw errorsErrors.make('refused', refused.map(({ message }) => message).join('; '));
            return answered(reply, id);
          },
        );
      }
    },
  };
}

function answered(reply: FastifyReply, id: string | null) {
  return reply.send(id === null ? {} : { id });
}

function bytesOf({ body }: FastifyRequest): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array(0);
}

/** Who a DSN's public key lets in: the tenant of a project that is configured with it. Null for any other. */
function admissionOf(projects: ErrorsConfig['projects'], request: FastifyRequest): Admission | null {
  const id = numberIn(request.url);
  const project = Object.hasOwn(projects, id) ? projects[id] : undefined;
  const key = publicKeyOf(request);
  if (project === undefined || key === null || !project.keys.includes(key)) return null;
  return { user: `project ${id}`, tenants: [project.tenant], tenant: project.tenant };
}

/** Where projects are configured, only they are taken; otherwise any number whose sender has a key or a login. */
function knownProject(projects: ErrorsConfig['projects'], request: FastifyRequest): SentryProject {
  const id = numberIn(request.url);
  const project = Object.hasOwn(projects, id) ? projects[id] : undefined;
  const key = publicKeyOf(request);
  const fallback = `project-${id}`;
  if (project !== undefined && key !== null && project.keys.includes(key))
    return { id, tenant: project.tenant, service: project.service ?? fallback };
  if (request.user !== '') return { id, tenant: request.tenant, service: project?.service ?? fallback };
  if (Object.keys(projects).length > 0)
    throw errorsErrors.make(
      'unknownProject',
      `project ${id} with this public key is not one of errors.projects`,
    );
  if (key === null)
    throw errorsErrors.make(
      'unknownProject',
      'the request has no public key: expected sentry_key in X-Sentry-Auth or in the query',
    );
  return { id, tenant: DEFAULT_TENANT, service: fallback };
}

function numberIn(url: string): string {
  return /^\/api\/(\d{1,18})\//.exec(url)?.[1] ?? '';
}

/** `sentry_key` of the header `X-Sentry-Auth` (or `Authorization: Sentry …`), or of the query. */
function publicKeyOf(request: FastifyRequest): string | null {
  const header = request.headers['x-sentry-auth'] ?? request.headers.authorization;
  const text = typeof header === 'string' && /^sentry\s/i.test(header) ? header.slice(0, 2000) : '';
  const inHeader = /(?:^|[\s,])sentry_key\s*=\s*([\w-]{1,64})/i.exec(text)?.[1];
  if (inHeader !== undefined) return inHeader;
  const query = new URLSearchParams(request.url.split('?')[1] ?? '');
  const key = query.get('sentry_key');
  return key !== null && /^[\w-]{1,64}$/.test(key) ? key : null;
}
