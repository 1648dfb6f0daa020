import { z } from 'zod';
import { renderPharosError } from '../http/render.ts';
import type { ApiModule, HttpApp } from '../http/types.ts';
import { importDashboard } from './exchange.ts';
import { exportGrafana } from './grafana/export.ts';
import type { RandomId } from './ids.ts';
import { dashboard, UID } from './model.ts';
import { countNames, factsOf, imported, listing, summarize, versionFacts, whole, wholeOf } from './shapes.ts';
import type { DashboardStore } from './store.ts';

const tags = ['dashboards'];
const uid = z.string().regex(UID, 'expected 1 to 64 letters, digits, - and _');
const message = z.string().max(1000).default('');
const byUid = z.object({ uid });
const byVersion = z.object({ uid, version: z.coerce.number().int().min(1) });
const draft = z.strictObject({ ...dashboard.shape, uid: uid.optional() });
const MAX_BODY = 4 * 1024 * 1024;

export interface DashboardsApiOptions {
  readonly store: DashboardStore;
  readonly newUid: RandomId;
}

/** `/api/v1/dashboards`: list, read, save, past, import and export. */
export function dashboardsApi(options: DashboardsApiOptions): ApiModule {
  return {
    name: 'dashboards',
    renderError: renderPharosError,
    register(app) {
      reading(app, options);
      writing(app, options);
      history(app, options);
      stars(app, options);
      exchanging(app, options);
    },
  };
}

function reading(app: HttpApp, { store }: DashboardsApiOptions): void {
  app.get(
    '/api/v1/dashboards',
    {
      schema: {
        tags,
        summary: 'Dashboards by title, with the folders and tags there are',
        querystring: z.object({
          query: z.string().max(200).optional().describe('Words of the title, a tag or the folder.'),
          tag: z.string().max(100).optional(),
          folder: z.string().max(200).optional(),
          starred: z.enum(['true', 'false']).optional(),
        }),
        response: { 200: listing },
      },
    },
    ({ tenant, user, query }) => {
      const all = store.list(tenant);
      const starred = store.stars(tenant, user);
      const words = (query.query ?? '').toLowerCase().split(/\s+/).filter(Boolean);
      const wanted = all
        .map((stored) => summarize(stored, starred.has(stored.dashboard.uid)))
        .filter((entry) => {
          const text = [entry.title, entry.folder, ...entry.tags].join(' ').toLowerCase();
          return (
            words.every((word) => text.includes(word)) &&
            (query.tag === undefined || entry.tags.includes(query.tag)) &&
            (query.folder === undefined || entry.folder === query.folder) &&
            (query.starred === undefined || entry.starred === (query.starred === 'true'))
          );
        });
      return {
        dashboards: wanted,
        folders: countNames(all.map((stored) => [stored.dashboard.folder].filter(Boolean))),
        tags: countNames(all.map((stored) => stored.dashboard.tags)),
      };
    },
  );
  app.get(
    '/api/v1/dashboards/:uid',
    {
      schema: {
        tags,
        summary: 'One dashboard; its ETag is its version',
        params: byUid,
        response: { 200: whole },
      },
    },
    ({ tenant, user, params }, reply) => {
      const stored = store.get(tenant, params.uid);
      void reply.header('etag', `"${stored.version}"`);
      return wholeOf(stored, store.stars(tenant, user).has(params.uid));
    },
  );
}

function writing(app: HttpApp, { store, newUid }: DashboardsApiOptions): void {
  app.post(
    '/api/v1/dashboards',
    {
      bodyLimit: MAX_BODY,
      schema: {
        tags,
        summary: 'Makes a dashboard; without a uid it gets one',
        body: z.strictObject({ dashboard: draft, message }),
        response: { 201: whole },
      },
    },
    async ({ tenant, user, body }, reply) => {
      const stored = await store.save({
        tenant,
        user,
        dashboard: { ...body.dashboard, uid: body.dashboard.uid ?? newUid() },
        message: body.message,
        expected: 'absent',
      });
      return reply.code(201).header('etag', `"${stored.version}"`).send(wholeOf(stored, false));
    },
  );
  app.put(
    '/api/v1/dashboards/:uid',
    {
      bodyLimit: MAX_BODY,
      schema: {
        tags,
        summary: 'Saves a new version; 409 says who saved in between, and when',
        params: byUid,
        headers: z.object({ 'if-match': ifMatch.optional() }),
        body: z.strictObject({
          dashboard: draft,
          message,
          version: z
            .number()
            .int()
            .min(1)
            .optional()
            .describe(
              'The version the change was made on; or the header If-Match. Without either the last one wins.',
            ),
        }),
        response: { 200: whole },
      },
    },
    async ({ tenant, user, params, body, headers }, reply) => {
      const stored = await store.save({
        tenant,
        user,
        dashboard: { ...body.dashboard, uid: params.uid },
        message: body.message,
        expected: body.version ?? headers['if-match'] ?? 'any',
      });
      void reply.header('etag', `"${stored.version}"`);
      return wholeOf(stored, store.stars(tenant, user).has(params.uid));
    },
  );
  app.delete(
    '/api/v1/dashboards/:uid',
    {
      schema: {
        tags,
        summary: 'Removes a dashboard with its past',
        params: byUid,
        headers: z.object({ 'if-match': ifMatch.optional() }),
      },
    },
    async ({ tenant, params, headers }, reply) => {
      await store.remove(tenant, params.uid, headers['if-match'] ?? 'any');
      return reply.code(204).send();
    },
  );
}

/** `"7"`, `7` or `*` (RFC 9110, 13.1.1). */
const ifMatch = z
  .string()
  .regex(/^(W\/)?"?\d{1,9}"?$|^\*$/, 'expected a version such as "7", or *')
  .transform((text) => (text === '*' ? ('any' as const) : Number(text.replace(/\D/g, ''))));

function history(app: HttpApp, { store }: DashboardsApiOptions): void {
  app.get(
    '/api/v1/dashboards/:uid/versions',
    {
      schema: {
        tags,
        summary: 'Kept versions, newest first',
        params: byUid,
        response: { 200: z.object({ versions: z.array(versionFacts) }) },
      },
    },
    ({ tenant, params }) => {
      store.get(tenant, params.uid);
      return { versions: store.versions(tenant, params.uid).map(factsOf) };
    },
  );
  app.get(
    '/api/v1/dashboards/:uid/versions/:version',
    {
      schema: {
        tags,
        summary: 'A dashboard as it was',
        params: byVersion,
        response: { 200: versionFacts.extend({ dashboard }) },
      },
    },
    ({ tenant, params }) => store.version(tenant, params.uid, params.version),
  );
  app.post(
    '/api/v1/dashboards/:uid/versions/:version/restore',
    {
      schema: {
        tags,
        summary: 'Saves an older version as the newest',
        params: byVersion,
        response: { 200: whole },
      },
    },
    async ({ tenant, user, params }) =>
      wholeOf(
        await store.restore(tenant, user, params.uid, params.version),
        store.stars(tenant, user).has(params.uid),
      ),
  );
}

function stars(app: HttpApp, { store }: DashboardsApiOptions): void {
  for (const [method, on] of [
    ['PUT', true],
    ['DELETE', false],
  ] as const) {
    app.route({
      method,
      url: '/api/v1/dashboards/:uid/star',
      schema: {
        tags,
        summary: on ? "Makes it one of the reader's favourites" : "Takes it off the reader's favourites",
        params: byUid,
      },
      handler: async ({ tenant, user, params }, reply) => {
        await store.star(tenant, user, params.uid, on);
        return reply.code(204).send();
      },
    });
  }
}

function exchanging(app: HttpApp, { store, newUid }: DashboardsApiOptions): void {
  app.post(
    '/api/v1/dashboards/import',
    {
      bodyLimit: MAX_BODY,
      schema: {
        tags,
        summary: "Takes a dashboard as Grafana's JSON or as Pharos' own; says what could not be taken over",
        body: z.strictObject({
          json: z.unknown().describe('The file, parsed.'),
          inputs: z
            .record(z.string().max(200), z.string().max(2000))
            .default({})
            .describe('Values for the constants the file asks for (__inputs).'),
          folder: z.string().max(200).optional(),
          title: z.string().min(1).max(300).optional(),
          uid: uid.optional().describe('Its own when absent, or a new one.'),
          overwrite: z.boolean().default(false),
          save: z.boolean().default(true).describe('false only shows what it would become.'),
          message,
        }),
        response: { 200: imported, 201: imported },
      },
    },
    async ({ tenant, user, body }, reply) => {
      const { dashboard: read, notes: made } = importDashboard(body.json, body.inputs, newUid);
      const notes = [...made];
      const taken = {
        ...read,
        uid: body.uid ?? read.uid,
        title: body.title ?? read.title,
        folder: body.folder ?? read.folder,
      };
      if (!body.save) return { dashboard: taken, saved: null, notes };
      const stored = await store.save({
        tenant,
        user,
        dashboard: taken,
        message: body.message || 'imported',
        expected: body.overwrite ? 'any' : 'absent',
      });
      return reply.code(201).send({ dashboard: stored.dashboard, saved: factsOf(stored), notes });
    },
  );
  app.get(
    '/api/v1/dashboards/:uid/export',
    {
      schema: {
        tags,
        summary: "The dashboard as Grafana's JSON or as Pharos' own",
        params: byUid,
        querystring: z.object({ format: z.enum(['grafana', 'pharos']).default('grafana') }),
        response: { 200: z.record(z.string(), z.unknown()) },
      },
    },
    ({ tenant, params, query }, reply) => {
      const { dashboard: stored } = store.get(tenant, params.uid);
      void reply.header('content-disposition', `attachment; filename="${params.uid}.json"`);
      return query.format === 'grafana' ? exportGrafana(stored) : { ...stored };
    },
  );
}
