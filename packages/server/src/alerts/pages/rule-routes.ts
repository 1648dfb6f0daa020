import { z } from 'zod';
import type { HttpApp } from '../../http/types.ts';
import { alertErrors } from '../errors.ts';
import { RULE_LANGUAGES } from '../rules/definition.ts';
import type { PagesOptions } from './pages-api.ts';
import { shownGroups, shownRuleOf } from './shown-rules.ts';

const tags = ['alerts'];
const texts = z.record(z.string(), z.string());
const time = z.number().nullable().describe('Epoch ms; null before the first evaluation.');

const listedRule = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['alerting', 'recording']),
  query: z.string(),
  language: z.enum(RULE_LANGUAGES).describe('Of the query, and of that of its chart.'),
  labels: texts,
  for_ms: z.number(),
  pending: z.number(),
  firing: z.number(),
  health: z.enum(['unknown', 'ok', 'err']),
  error: z.string().nullable(),
  evaluation_ms: z.number(),
  evaluated_at: time,
});
/** One rule with all that is known of it. */
export const shownRule = listedRule.extend({
  file: z.string(),
  group: z.string(),
  interval_ms: z.number(),
  keep_firing_for_ms: z.number(),
  annotations: texts.describe('As they are written: templates.'),
  chart: z
    .object({
      query: z.string(),
      threshold: z.object({ op: z.enum(['==', '!=', '>', '<', '>=', '<=']), value: z.number() }).nullable(),
    })
    .describe('The curve of its condition, and the line it is compared with.'),
});
const group = z.object({
  file: z.string(),
  name: z.string(),
  language: z.enum(RULE_LANGUAGES),
  interval_ms: z.number(),
  offset_ms: z.number(),
  limit: z.number(),
  evaluation_ms: z.number(),
  evaluated_at: time,
  rules: z.array(listedRule),
});

/** Rules by file and group, and one rule. */
export function ruleRoutes(app: HttpApp, { rules }: PagesOptions): void {
  app.get(
    '/api/v1/alerting/rules',
    {
      schema: {
        tags,
        summary: 'Rule groups with their health and how many alerts each rule has',
        response: { 200: z.object({ groups: z.array(group) }) },
      },
    },
    () => ({ groups: shownGroups(rules.groups()) }),
  );
  app.get(
    '/api/v1/alerting/rules/:id',
    {
      schema: {
        tags,
        summary: 'One rule, and how to draw its condition',
        params: z.object({
          id: z.string().regex(/^[0-9a-f]{16}$/, 'expected 16 hex digits, as in the field id'),
        }),
        response: { 200: shownRule },
      },
    },
    ({ params: { id } }) => {
      const rule = shownRuleOf(rules.groups(), id);
      if (rule === undefined)
        throw alertErrors.make('unknownRule', `there is no rule ${id}; files may have changed`);
      return rule;
    },
  );
}
