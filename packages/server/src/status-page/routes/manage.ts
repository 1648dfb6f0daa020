import { z } from 'zod';
import { DEFAULT_TENANT } from '../../http/admit.ts';
import { renderPharosError } from '../../http/render.ts';
import type { ApiModule, HttpApp } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import {
  incident,
  statusPage,
  subscriber,
  writtenIncident,
  writtenPage,
  writtenUpdate,
} from '../definition.ts';
import { statusPageErrors } from '../errors.ts';
import { statusPageHtml } from '../render/page.ts';
import type { StatusPageService } from '../service.ts';
import { publicId, type StatusPageStore } from '../store.ts';

export interface ManageOptions {
  readonly clock: Clock;
  readonly store: StatusPageStore;
  readonly service: StatusPageService;
  readonly pageUrl: () => string;
}

const tags = ['status page'];
const byId = z.object({ id: z.string().min(1).max(100) });
const AT = '/api/v1/status-page';
const shownPage = z.object({
  version: z.number(),
  page: statusPage,
  /** Where the public finds it. */
  url: z.string(),
});
const incidentList = z.object({ incidents: z.array(incident) });

/** `/api/v1/status-page`: the page, its incidents and subscribers, for who runs it. */
export function manageStatusApi(options: ManageOptions): ApiModule {
  return {
    name: 'status-page',
    renderError: renderPharosError,
    register(app) {
      // The one page there is belongs to the default tenant.
      app.addHook('preHandler', (request, _, done) => {
        if (request.tenant === DEFAULT_TENANT) done();
        else done(statusPageErrors.make('unknown', `the tenant "${request.tenant}" has no status page`));
      });
      thePage(app, options);
      incidents(app, options);
      subscribers(app, options);
    },
  };
}

function thePage(app: HttpApp, { store, service, pageUrl }: ManageOptions): void {
  const shown = () => ({ ...store.page(), url: pageUrl() });
  app.get(AT, { schema: { tags, summary: 'The status page', response: { 200: shownPage } } }, shown);
  app.put(
    AT,
    {
      schema: {
        tags,
        summary: 'Replaces the page; with `version`, only when nobody changed it meanwhile',
        querystring: z.object({ version: z.coerce.number().int().min(0).optional() }),
        body: writtenPage,
        response: { 200: shownPage },
      },
    },
    async ({ body, query }) => {
      await store.save(body, query.version);
      service.refresh();
      void service.compute();
      return shown();
    },
  );
  app.get(`${AT}/preview`, { schema: { tags, summary: 'The page as the public would see it' } }, (_, reply) =>
    reply
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(statusPageHtml(service.preview(), { note: 'A preview: only you see it.', root: '../../../' })),
  );
}

function incidents(app: HttpApp, { clock, store, service }: ManageOptions): void {
  app.get(
    `${AT}/incidents`,
    { schema: { tags, summary: 'Incidents, the newest first', response: { 200: incidentList } } },
    () => ({ incidents: [...store.incidents()] }),
  );
  app.post(
    `${AT}/incidents`,
    { schema: { tags, summary: 'Tells of an incident', body: writtenIncident, response: { 201: incident } } },
    async ({ body: { phase, text, ...about } }, reply) => {
      const at = clock.now();
      const made = await store.putIncident({
        id: publicId(),
        ...about,
        at,
        updates: [{ at, phase, text }],
      });
      service.announce(made);
      return await reply.code(201).send(made);
    },
  );
  app.post(
    `${AT}/incidents/:id/updates`,
    {
      schema: {
        tags,
        summary: 'Adds an update; one that says `resolved` ends the incident',
        params: byId,
        body: writtenUpdate,
        response: { 200: incident },
      },
    },
    async ({ params, body }) => {
      const before = store.incident(params.id);
      const changed = await store.putIncident({
        ...before,
        updates: [{ at: clock.now(), ...body }, ...before.updates],
      });
      service.announce(changed);
      return changed;
    },
  );
  app.delete(
    `${AT}/incidents/:id`,
    { schema: { tags, summary: 'Removes an incident from the page', params: byId } },
    async ({ params }, reply) => {
      await store.removeIncident(store.incident(params.id).id);
      service.refresh();
      return await reply.code(204).send();
    },
  );
}

function subscribers(app: HttpApp, { store }: ManageOptions): void {
  const shown = subscriber.omit({ token: true });
  app.get(
    `${AT}/subscribers`,
    {
      schema: {
        tags,
        summary: 'Who is told of changes',
        response: { 200: z.object({ subscribers: z.array(shown) }) },
      },
    },
    () => ({
      subscribers: store
        .subscribers()
        .map(({ id, channel, address, confirmed, at }) => ({ id, channel, address, confirmed, at })),
    }),
  );
  app.delete(
    `${AT}/subscribers/:id`,
    { schema: { tags, summary: 'Ends a subscription', params: byId } },
    async ({ params }, reply) => {
      await store.removeSubscriber(params.id);
      return await reply.code(204).send();
    },
  );
}
