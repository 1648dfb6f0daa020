import { z } from 'zod';
import { forDefaultTenant } from '../../http/default-tenant.ts';
import { renderPharosError } from '../../http/render.ts';
import type { ApiModule } from '../../http/types.ts';
import type { Alertmanager } from '../alertmanager.ts';
import { OUTCOMES } from '../decisions/decision.ts';
import { noAlertmanager } from '../errors.ts';
import { labelSet } from '../labels/label-set.ts';
import { formatMatcher } from '../matchers/matcher.ts';
import { walkRoutes } from '../routes/tree.ts';

const tags = ['alerts'];
const decision = z.object({
  at: z.number().describe('Epoch ms.'),
  outcome: z.enum(OUTCOMES),
  route: z.string(),
  group: z.string(),
  receiver: z.string(),
  integration: z.string(),
  reason: z.string(),
  by: z.array(z.string()),
});
const why = z.object({
  told: z.boolean().describe('Whether anybody was told of the alert.'),
  partial: z.boolean().describe('Older decisions could not be read.'),
  title: z.string().describe('What it was called when somebody was told of it; empty while nobody was.'),
  threads: z.array(
    z.object({
      group: z.string(),
      receiver: z.string(),
      integration: z.string(),
      told: z.boolean(),
      verdict: decision,
      decisions: z.array(decision),
    }),
  ),
});
const routing = z.object({
  receivers: z.array(z.string()),
  steps: z.array(
    z.object({
      route: z.string(),
      depth: z.number(),
      receiver: z.string(),
      matches: z.boolean(),
      failed: z.string().nullable().describe('The matcher that did not match.'),
    }),
  ),
});

/** What Alertmanager's API does not tell: why somebody was told or not, and the way of labels through the routes. */
export function alertRoutingApi(alertmanager: Alertmanager): ApiModule {
  return {
    name: 'alert-routing',
    early: true,
    renderError: renderPharosError,
    register(app) {
      forDefaultTenant(app, noAlertmanager);
      app.get(
        '/api/v1/alerting/alerts/:id/why',
        {
          schema: {
            tags,
            summary: 'Why somebody was told of an alert, or was not: every decision about it',
            params: z.object({
              id: z.string().regex(/^[0-9a-f]{16}$/, 'expected 16 hex digits, as in the field fingerprint'),
            }),
            response: { 200: why },
          },
        },
        async ({ params }) => {
          const { isTold, isPartial, title, threads } = await alertmanager.why(params.id);
          return {
            told: isTold,
            partial: isPartial,
            title,
            threads: threads.map(({ isTold: told, verdict, decisions, group, receiver, integration }) => ({
              group,
              receiver,
              integration,
              told,
              verdict: { ...verdict, by: [...verdict.by] },
              decisions: decisions.map((one) => ({ ...one, by: [...one.by] })),
            })),
          };
        },
      );
      app.post(
        '/api/v1/alerting/routes/test',
        {
          schema: {
            tags,
            summary: 'The receivers that labels lead to, and the way through the routes',
            body: z.object({ labels: z.record(z.string(), z.string()) }),
            response: { 200: routing },
          },
        },
        ({ body }) => {
          const { matched, steps } = walkRoutes(alertmanager.root, labelSet(Object.entries(body.labels)));
          return {
            receivers: matched.map(({ options }) => options.receiver),
            steps: steps.map(({ node, depth, isMatch, failed }) => ({
              route: node.id,
              depth,
              receiver: node.options.receiver,
              matches: isMatch,
              failed: failed === null ? null : formatMatcher(failed),
            })),
          };
        },
      );
    },
  };
}
