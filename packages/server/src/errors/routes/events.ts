import { z } from 'zod';
import { instant, iso } from '../../http/times.ts';
import type { HttpApp } from '../../http/types.ts';
import { errorsErrors } from '../errors.ts';
import { eventsAnswer, eventsPage, pageQuery } from './event-pages.ts';
import type { GroupsApiOptions } from './group-options.ts';
import { listText } from './params.ts';
import { eventDetail, renderEventDetail } from './shapes.ts';

const tags = ['errors'];
const eventsQuery = pageQuery.extend({
  trace_id: z.string().max(64).optional(),
  request_id: z.string().max(200).optional(),
  service: listText('Only these services.'),
  start: instant.optional(),
  end: instant.optional(),
});

/** Errors of a trace, a request or a service, and one with all that is known of it. */
export function eventRoutes(app: HttpApp, { store, clock, names, keepMs, mapped }: GroupsApiOptions): void {
  app.get(
    '/api/v1/errors/events',
    {
      schema: {
        tags,
        summary: 'Errors of a trace, a request or a service, newest first',
        querystring: eventsQuery,
        response: { 200: eventsAnswer },
      },
    },
    async ({ tenant, query, signal }) => {
      const end = query.end ?? clock.now();
      const from = Math.max(0, query.start ?? end - keepMs);
      if (from > end)
        throw errorsErrors.make(
          'badParameter',
          `start ${iso(from)} is after end ${iso(end)}, expected it before`,
        );
      const asked = {
        tenant,
        from,
        to: end,
        services: query.service?.map((name) => names.canonical(name)),
        traceId: query.trace_id?.toLowerCase(),
        requestId: query.request_id,
      };
      return eventsPage(store, asked, query, signal);
    },
  );
  app.get(
    '/api/v1/errors/events/:id',
    {
      schema: {
        tags,
        summary: 'One error with its stack',
        params: z.object({ id: z.string().regex(/^[0-9a-f]{32}$/, 'expected 32 hex digits') }),
        response: { 200: eventDetail },
      },
    },
    async ({ tenant, params, signal }) => {
      const now = clock.now();
      const asked = { tenant, from: Math.max(0, now - keepMs), to: now + keepMs, id: params.id };
      const { errors, warnings } = await store.reader.page(asked, 1, undefined, signal);
      const [error] = errors;
      if (error === undefined)
        throw errorsErrors.make('unknownEvent', [`there is no error ${params.id}`, ...warnings].join('; '));
      return renderEventDetail(error, await mapped(tenant, error.event));
    },
  );
}
