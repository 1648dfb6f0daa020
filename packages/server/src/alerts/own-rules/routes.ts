import { z } from 'zod';
import { forDefaultTenant } from '../../http/default-tenant.ts';
import { renderPharosError } from '../../http/render.ts';
import type { ApiModule, HttpApp } from '../../http/types.ts';
import { writtenRule } from '../back-test/written-rule.ts';
import { noRules } from '../errors.ts';
import type { OwnRule, OwnRules } from './own-rules.ts';

const tags = ['alerts'];
const BASE = '/api/v1/alerting/own-rules';
const byId = z.object({
  id: z.string().regex(/^[0-9a-f]{16}$/, 'expected 16 hex digits, as in the field id'),
});
const version = z
  .string()
  .max(64)
  .optional()
  .describe('The version it was made on. Without it the last one wins.');
const ownRule = z.object({
  id: z.string().describe('As in `/api/v1/alerting/rules`; another one when its name or labels change.'),
  version: z.string(),
  rule: writtenRule,
});
/** Rules made over the API: `/api/v1/alerting/own-rules`. */
export function ownRulesApi(own: OwnRules): ApiModule {
  return {
    name: 'own-rules',
    // What is made while Pharos starts is in force with all the others.
    early: true,
    renderError: renderPharosError,
    register(app) {
      forDefaultTenant(app, noRules);
      readRoutes(app, own);
      changeRoutes(app, own);
    },
  };
}

function readRoutes(app: HttpApp, own: OwnRules): void {
  app.get(
    BASE,
    {
      schema: {
        tags,
        summary: 'Alerting rules that were made over the API, as they are written',
        response: {
          200: z.object({
            file: z.string().describe("Prometheus' rule file that holds them, on the server."),
            rules: z.array(ownRule),
          }),
        },
      },
    },
    () => ({ file: own.path, rules: own.list().map(rendered) }),
  );
  app.get(
    `${BASE}/:id`,
    { schema: { tags, summary: 'One of them', params: byId, response: { 200: ownRule } } },
    ({ params }) => rendered(own.get(params.id)),
  );
}

function changeRoutes(app: HttpApp, own: OwnRules): void {
  app.post(
    BASE,
    {
      schema: {
        tags,
        summary: 'Makes an alerting rule, which is in force at once',
        body: z.strictObject({ rule: writtenRule }),
        response: { 201: ownRule },
      },
    },
    async ({ body, user }, reply) => reply.code(201).send(rendered(await own.create(body.rule, user))),
  );
  app.put(
    `${BASE}/:id`,
    {
      schema: {
        tags,
        summary: 'Changes one of them',
        params: byId,
        body: z.strictObject({ rule: writtenRule, version }),
        response: { 200: ownRule },
      },
    },
    async ({ params, body, user }) => rendered(await own.change(params.id, body.rule, body.version, user)),
  );
  app.delete(
    `${BASE}/:id`,
    {
      schema: { tags, summary: 'Removes one of them', params: byId, querystring: z.object({ version }) },
    },
    async ({ params, query, user }, reply) => {
      await own.remove(params.id, query.version, user);
      return reply.code(204).send();
    },
  );
}

function rendered({ id, version: of, written }: OwnRule): z.output<typeof ownRule> {
  return { id, version: of, rule: written };
}
