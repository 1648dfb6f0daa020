import { z } from 'zod';
import { renderPharosError } from '../../http/render.ts';
import type { ApiModule, HttpApp } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import { eventsErrors } from '../errors.ts';
import { DECISIONS, STATUSES } from '../event.ts';
import { FUNCTIONS } from '../expression/functions.ts';
import { testRule } from '../maintenance/rule-test.ts';
import type { EventReader } from '../store/reader.ts';
import type { KeptRule, UserRules } from '../user-rules/store.ts';
import { type UserRule, userRule } from '../user-rules/user-rule.ts';

export interface RulesApiDeps {
  readonly rules: UserRules;
  readonly reader: EventReader;
  readonly clock: Clock;
}

const tags = ['events'];
const BASE = '/api/v1/monitoring/rules';
const byName = z.object({ name: z.string().min(1).max(64) });
const keptRule = userRule.extend({
  origin: z.enum(['file', 'api']),
  version: z.number().describe('Rises with each change; 0 for rules of the file.'),
});
const MOST_MINUTES = 30 * 24 * 60;

/** Rules of `/api/v1/monitoring/rules`: list, change, test against what is stored. */
export function eventRulesApi(deps: RulesApiDeps): ApiModule {
  return {
    name: 'event-rules',
    renderError: renderPharosError,
    register(app) {
      listRoute(app, deps);
      changeRoutes(app, deps);
      testRoute(app, deps);
    },
  };
}

function listRoute(app: HttpApp, { rules }: RulesApiDeps): void {
  app.get(
    BASE,
    {
      schema: {
        tags,
        summary: 'All rules that judge events',
        response: {
          200: z.object({
            version: z.number().describe('Stored with each verdict; another one when any rule changes.'),
            built_in: z.array(z.object({ name: z.string(), about: z.string() })),
            rules: z.array(keptRule),
            functions: z.array(z.object({ name: z.string(), about: z.string() })),
          }),
        },
      },
    },
    ({ tenant }) => ({
      version: rules.setOf(tenant).version,
      built_in: rules.builtIn().map(({ name, about }) => ({ name, about })),
      rules: rules.list(tenant).map(rendered),
      functions: [...FUNCTIONS].map(([name, { about }]) => ({ name, about })),
    }),
  );
  app.get(
    `${BASE}/:name`,
    { schema: { tags, summary: 'One rule', params: byName, response: { 200: keptRule } } },
    ({ tenant, params }) => rendered(rules.get(tenant, params.name)),
  );
}

function changeRoutes(app: HttpApp, { rules }: RulesApiDeps): void {
  app.post(
    BASE,
    { schema: { tags, summary: 'Adds a rule', body: userRule, response: { 201: keptRule } } },
    async ({ tenant, body }, reply) => reply.code(201).send(rendered(await rules.create(tenant, body))),
  );
  app.put(
    `${BASE}/:name`,
    {
      schema: {
        tags,
        summary: 'Changes a rule',
        params: byName,
        body: userRule.omit({ name: true }).extend({
          name: z.string().optional().describe('The same as in the path; a rule keeps its name.'),
          version: z
            .number()
            .int()
            .min(1)
            .optional()
            .describe('The version the change was made on. Without it the last one wins.'),
        }),
        response: { 200: keptRule },
      },
    },
    async ({ tenant, params, body: { version, name, ...changed } }) => {
      if (name !== undefined && name !== params.name)
        throw eventsErrors.make(
          'badRule',
          `name is ${JSON.stringify(name)}, expected "${params.name}" as in the path`,
        );
      return rendered(await rules.change(tenant, { ...changed, name: params.name }, version));
    },
  );
  app.delete(
    `${BASE}/:name`,
    { schema: { tags, summary: 'Removes a rule', params: byName } },
    async ({ tenant, params }, reply) => {
      await rules.remove(tenant, params.name);
      return reply.code(204).send();
    },
  );
}

function testRoute(app: HttpApp, deps: RulesApiDeps): void {
  app.post(
    `${BASE}/test`,
    {
      schema: {
        tags,
        summary: 'What a rule would have found in stored events, before it is saved',
        body: z.strictObject({
          rule: userRule.omit({ name: true }).extend({ name: userRule.shape.name.default('draft') }),
          lookback_minutes: z.number().positive().max(MOST_MINUTES).default(60),
        }),
        response: {
          200: z.object({
            evaluated: z.number(),
            matched: z.number(),
            failed: z.number().describe('Evaluations that took too many steps; the rule then finds nothing.'),
            changed: z.number().describe('Verdicts that would have been others.'),
            transitions: z.array(
              z.object({ from: z.enum(STATUSES), to: z.enum(STATUSES), count: z.number() }),
            ),
            samples: z.array(
              z.object({
                id: z.string(),
                timestamp: z.string(),
                source: z.string(),
                event_type: z.string(),
                status: z.enum(STATUSES),
                decision: z.enum(DECISIONS),
                message: z.string(),
              }),
            ),
            truncated: z.boolean(),
            warnings: z.array(z.string()),
          }),
        },
      },
    },
    async ({ tenant, body }) => {
      const tested = await testRule(deps, tenant, body.rule, body.lookback_minutes);
      return {
        ...tested,
        warnings: [...tested.warnings],
        samples: tested.samples.map(({ event, message }) => ({
          id: event.id,
          timestamp: new Date(event.at).toISOString(),
          source: event.source,
          event_type: event.eventType,
          status: event.status,
          decision: event.decision,
          message,
        })),
      };
    },
  );
}

function rendered({ rule, origin, version }: KeptRule): UserRule & Pick<KeptRule, 'origin' | 'version'> {
  return { ...rule, origin, version };
}
