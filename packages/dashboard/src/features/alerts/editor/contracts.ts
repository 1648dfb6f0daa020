import { z } from 'zod';
import { RULE_LANGUAGES } from '../contracts.ts';

const texts = z.record(z.string(), z.string());

/** An alerting rule as its author writes it. */
const writtenRule = z.object({
  alert: z.string(),
  expr: z.string(),
  language: z.enum(RULE_LANGUAGES),
  for: z.string(),
  keep_firing_for: z.string(),
  labels: texts,
  annotations: texts,
  interval: z.string(),
  limit: z.number(),
});
export type WrittenRule = z.infer<typeof writtenRule>;

/** Of `/api/v1/alerting/own-rules/{id}`. */
export const ownRuleSchema = z.object({ id: z.string(), version: z.string(), rule: writtenRule });
export type OwnRule = z.infer<typeof ownRuleSchema>;

/** Of `GET /api/v1/alerting/own-rules`. */
export const ownRulesSchema = z.object({ file: z.string(), rules: z.array(ownRuleSchema) });

const chart = z.object({
  query: z.string(),
  threshold: z.object({ op: z.string(), value: z.number() }).nullable(),
  language: z.enum(RULE_LANGUAGES),
});

/** Of `POST /api/v1/alerting/rules/preview`. */
export const previewSchema = z.object({
  holding: z.number(),
  alerts: z.array(
    z.object({ labels: texts, annotations: texts, value: z.string(), receivers: z.array(z.string()) }),
  ),
  interval_ms: z.number(),
  chart,
});
export type Preview = z.infer<typeof previewSchema>;

const told = z.object({ at: z.number(), receiver: z.string(), person: z.string().nullable() });
const spell = z.object({
  labels: texts,
  annotations: texts,
  pending_from: z.number(),
  firing_from: z.number().nullable(),
  until: z.number().nullable(),
  cut: z.boolean(),
  value: z.string(),
  peak: z.string(),
  told: z.array(told),
  held: z.string().nullable(),
});
/** A time for which the condition of an alert held. Times in epoch ms. */
export type Spell = z.infer<typeof spell>;

const result = z.object({
  interval_ms: z.number(),
  data_from: z.number().nullable(),
  covered_ms: z.number(),
  evaluations: z.number(),
  failed: z.object({ count: z.number(), first: z.object({ at: z.number(), reason: z.string() }).nullable() }),
  totals: z.object({
    firings: z.number(),
    alerts: z.number(),
    firing_ms: z.number(),
    longest_ms: z.number(),
    median_ms: z.number(),
    flaps: z.number(),
    only_pending: z.number(),
    most: z.number(),
    notices: z.number(),
  }),
  firings: z.array(spell),
  pending: z.array(spell),
  listeners: z.array(
    z.object({
      receiver: z.string(),
      person: z.string().nullable(),
      notices: z.number(),
      firing: z.number(),
    }),
  ),
  warnings: z.array(z.string()),
  chart,
});
export type Totals = z.infer<typeof result>['totals'];

const times = z.object({ from: z.number(), until: z.number().nullable() }).nullable();
const change = z.object({
  kind: z.enum(['added', 'removed', 'shifted']),
  labels: texts,
  before: times,
  after: times,
});
export type Change = z.infer<typeof change>;

/** Of `POST /api/v1/alerting/rules/back-test`. */
export const backTestSchema = result.extend({
  start: z.number(),
  end: z.number(),
  compared: z
    .object({
      against: result,
      counts: z.object({ added: z.number(), removed: z.number(), shifted: z.number(), same: z.number() }),
      changes: z.array(change),
    })
    .nullable(),
});
export type BackTest = z.infer<typeof backTestSchema>;
