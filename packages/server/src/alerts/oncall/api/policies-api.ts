import { z } from 'zod';
import type { HttpApp } from '../../../http/types.ts';
import { formatMatcher } from '../../matchers/matcher.ts';
import type { Policy } from '../config/policy.ts';
import type { Escalations } from '../escalations.ts';

const SECOND_MS = 1000;
const level = z.object({
  tell: z.array(z.object({ kind: z.enum(['schedule', 'person', 'receiver']), name: z.string() })),
  times: z.number(),
  every_seconds: z.number(),
});
const policy = z.object({
  name: z.string(),
  receivers: z.array(z.string()).describe("Those of Alertmanager's file that lead to it."),
  repeat: z.number().describe('How often all levels begin anew.'),
  acknowledged_for_seconds: z.number().nullable().describe('Null until the alerts end.'),
  rules: z
    .array(
      z.object({
        name: z.string(),
        matchers: z.array(z.string()).describe('Empty: every alert.'),
        delay_seconds: z.number(),
        during: z.array(z.string()).nullable().describe('Names of time intervals; null for always.'),
        levels: z.array(level),
      }),
    )
    .describe('How urgent alerts are, and who is told: the first that any alert of a page matches counts.'),
});

/** Escalation policies: whom each of their levels tells, and when. */
export function policyRoutes(app: HttpApp, escalations: Pick<Escalations, 'config'>): void {
  app.get(
    '/api/v1/oncall/policies',
    {
      schema: {
        tags: ['on call'],
        summary: 'Escalation policies, with the receivers that lead to them',
        response: { 200: z.object({ policies: z.array(policy) }) },
      },
    },
    () => {
      const { policies, hooks } = escalations.config;
      return {
        policies: policies.map((one) =>
          shown(
            one,
            [...hooks].flatMap(([to, of]) => (of === one.name ? [to] : [])),
          ),
        ),
      };
    },
  );
}

function shown(one: Policy, receivers: readonly string[]): z.output<typeof policy> {
  return {
    name: one.name,
    receivers: [...receivers],
    repeat: one.repeat,
    acknowledged_for_seconds: one.acknowledgedForMs === null ? null : one.acknowledgedForMs / SECOND_MS,
    rules: one.rules.map((rule) => ({
      name: rule.name,
      matchers: rule.matchers.map(formatMatcher),
      delay_seconds: rule.delayMs / SECOND_MS,
      during: rule.during === null ? null : [...rule.during.names],
      levels: rule.levels.map(({ targets, times, everyMs }) => ({
        tell: targets.map(({ kind, name }) => ({ kind, name })),
        times,
        every_seconds: everyMs / SECOND_MS,
      })),
    })),
  };
}
