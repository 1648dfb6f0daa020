import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { renderPharosError } from '../http/render.ts';
import { instant } from '../http/times.ts';
import type { ApiModule } from '../http/types.ts';
import type { Clock } from '../kernel/clock.ts';
import type { ServiceNames } from '../kernel/names.ts';
import { type Annotation, annotation } from './annotation.ts';
import { annotationErrors } from './errors.ts';
import type { AnnotationStore } from './store.ts';

const body = z.strictObject({
  id: z.string().min(1).max(200).optional().describe('A repeat with the same id replaces.'),
  time: instant.optional().describe('Now when absent.'),
  timeEnd: instant.optional(),
  kind: z.enum(['deployment', 'annotation']).default('annotation'),
  service: z.string().min(1).max(200).optional(),
  title: z.string().min(1).max(300),
  text: z.string().max(10_000).default(''),
  tags: z.array(z.string().max(100)).max(50).default([]),
});

const querystring = z.object({
  from: instant.optional(),
  to: instant.optional(),
  service: z.string().optional(),
});
const WEEK_MS = 7 * 86_400_000;
const YEAR_MS = 365 * 86_400_000;
const AHEAD_MS = 86_400_000;

/** `GET|POST /api/v1/annotations`, `DELETE /api/v1/annotations/:id`. */
export function annotationsApi(options: {
  readonly store: AnnotationStore;
  readonly clock: Clock;
  readonly names: ServiceNames;
}): ApiModule {
  const { store, clock, names } = options;
  const tags = ['annotations'];
  return {
    name: 'annotations',
    renderError: renderPharosError,
    register(app) {
      app.get(
        '/api/v1/annotations',
        {
          schema: {
            tags,
            summary: 'Deployments and annotations in a time range (last 7 days by default)',
            querystring,
            response: { 200: z.object({ annotations: z.array(annotation) }) },
          },
        },
        (request) => {
          const to = request.query.to ?? clock.now() + AHEAD_MS;
          const { service } = request.query;
          return {
            annotations: [
              ...store.list(
                request.tenant,
                request.query.from ?? to - WEEK_MS,
                to,
                service === undefined ? undefined : names.canonical(service),
              ),
            ],
          };
        },
      );
      app.post(
        '/api/v1/annotations',
        {
          schema: {
            tags,
            summary: 'Records a deployment or an annotation',
            body,
            response: { 201: annotation },
          },
        },
        async (request, reply) => {
          const now = clock.now();
          const time = Math.round(request.body.time ?? now);
          if (time < now - YEAR_MS || time > now + AHEAD_MS) {
            throw annotationErrors.make(
              'outOfWindow',
              `time: ${new Date(time).toISOString()} is outside the last year and the next day`,
            );
          }
          const made: Annotation = {
            ...request.body,
            id: request.body.id ?? randomUUID(),
            time,
            timeEnd:
              request.body.timeEnd === undefined
                ? undefined
                : Math.max(time, Math.round(request.body.timeEnd)),
            service: request.body.service === undefined ? undefined : names.canonical(request.body.service),
          };
          await store.put(request.tenant, made);
          return reply.code(201).send(made);
        },
      );
      app.delete(
        '/api/v1/annotations/:id',
        { schema: { tags, summary: 'Removes an annotation', params: z.object({ id: z.string() }) } },
        async (request, reply) => {
          await store.remove(request.tenant, request.params.id);
          return reply.code(204).send();
        },
      );
    },
  };
}
