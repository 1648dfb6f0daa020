import { z } from 'zod';
import { alertCountsSchema } from '../../api/contracts.ts';

export const ALERT_STATES = ['firing', 'pending', 'silenced', 'inhibited', 'folded', 'muted'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

const texts = z.record(z.string(), z.string());
export type Labels = Readonly<Record<string, string>>;

/** Times in epoch ms. */
const alert = z.object({
  fingerprint: z.string(),
  state: z.enum(ALERT_STATES),
  labels: texts,
  annotations: texts,
  since: z.number(),
  active_at: z.number().nullable(),
  updated_at: z.number().nullable(),
  value: z.string().nullable(),
  rule: z.object({ id: z.string(), file: z.string(), group: z.string(), name: z.string() }).nullable(),
  generator_url: z.string(),
  receivers: z.array(z.string()),
  silenced_by: z.array(z.string()),
  inhibited_by: z.array(z.string()),
  muted_by: z.array(z.string()),
  folded_into: z.array(z.string()),
  folded_because: z.string(),
  paged: z.array(
    z.object({
      id: z.string(),
      state: z.enum(['escalating', 'exhausted', 'acknowledged', 'ended']),
      acknowledged_by: z.string(),
      acknowledged_at: z.number().nullable(),
    }),
  ),
});
export type Alert = z.infer<typeof alert>;

/** Of `GET /api/v1/alerting/alerts`. */
export const alertsSchema = z.object({
  at: z.number(),
  total: z.number(),
  counts: alertCountsSchema,
  rules: z.number(),
  alerts: z.array(alert),
});

/** Of `POST /api/v1/alerting/silences/preview`. */
export const previewSchema = z.object({ total: z.number(), alerts: z.array(alert) });

/** What a rule asks in: of series, or of log lines. */
export const RULE_LANGUAGES = ['promql', 'logql'] as const;
export type RuleLanguage = (typeof RULE_LANGUAGES)[number];

const listedRule = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['alerting', 'recording']),
  query: z.string(),
  language: z.enum(RULE_LANGUAGES),
  labels: texts,
  for_ms: z.number(),
  pending: z.number(),
  firing: z.number(),
  health: z.enum(['unknown', 'ok', 'err']),
  error: z.string().nullable(),
  evaluation_ms: z.number(),
  evaluated_at: z.number().nullable(),
});
export type ListedRule = z.infer<typeof listedRule>;

/** Of `GET /api/v1/alerting/rules`. */
export const rulesSchema = z.object({
  groups: z.array(
    z.object({
      file: z.string(),
      name: z.string(),
      language: z.enum(RULE_LANGUAGES),
      interval_ms: z.number(),
      evaluation_ms: z.number(),
      evaluated_at: z.number().nullable(),
      rules: z.array(listedRule),
    }),
  ),
});
export type RuleGroup = z.infer<typeof rulesSchema>['groups'][number];

/** Of `GET /api/v1/alerting/rules/{id}`. */
export const ruleSchema = listedRule.extend({
  file: z.string(),
  group: z.string(),
  interval_ms: z.number(),
  keep_firing_for_ms: z.number(),
  annotations: texts,
  chart: z.object({
    query: z.string(),
    threshold: z.object({ op: z.string(), value: z.number() }).nullable(),
  }),
});
export type Rule = z.infer<typeof ruleSchema>;

/** Of `GET /api/v1/alerting/alerts/{fingerprint}`. */
export const alertSchema = z.object({ alert, rule: ruleSchema.nullable(), history_query: z.string() });

const decision = z.object({
  at: z.number(),
  outcome: z.string(),
  route: z.string(),
  receiver: z.string(),
  integration: z.string(),
  reason: z.string(),
  by: z.array(z.string()),
});
export type Decision = z.infer<typeof decision>;

/** Of `GET /api/v1/alerting/alerts/{fingerprint}/why`. */
export const whySchema = z.object({
  told: z.boolean(),
  partial: z.boolean(),
  title: z.string(),
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
export type Thread = z.infer<typeof whySchema>['threads'][number];

const time = z.string().transform((text) => Date.parse(text));
const apiMatcher = z.object({
  name: z.string(),
  value: z.string(),
  isRegex: z.boolean(),
  isEqual: z.boolean(),
});
export type ApiMatcher = z.infer<typeof apiMatcher>;

export const SILENCE_STATES = ['active', 'pending', 'expired'] as const;
const silence = z.object({
  id: z.string(),
  status: z.object({ state: z.enum(SILENCE_STATES) }),
  updatedAt: time,
  startsAt: time,
  endsAt: time,
  createdBy: z.string(),
  comment: z.string(),
  matchers: z.array(apiMatcher),
});
export type Silence = z.infer<typeof silence>;
/** Of `GET /api/v2/silences`. */
export const silencesSchema = z.array(silence);

const route = z.object({
  id: z.string(),
  depth: z.number(),
  receiver: z.string(),
  matchers: z.array(z.string()),
  continues: z.boolean(),
  group_by: z.array(z.string()),
  group_wait_ms: z.number(),
  group_interval_ms: z.number(),
  repeat_interval_ms: z.number(),
  mute_time_intervals: z.array(z.string()),
  active_time_intervals: z.array(z.string()),
});
export type Route = z.infer<typeof route>;

/** Of `GET /api/v1/alerting/routes`. */
export const routesSchema = z.object({
  routes: z.array(route),
  receivers: z.array(
    z.object({
      name: z.string(),
      integrations: z.array(z.object({ name: z.string(), sent: z.boolean() })),
    }),
  ),
  inhibit_rules: z.number(),
});

/** Of `POST /api/v1/alerting/routes/test`. */
export const routedSchema = z.object({
  receivers: z.array(z.string()),
  steps: z.array(
    z.object({
      route: z.string(),
      depth: z.number(),
      receiver: z.string(),
      matches: z.boolean(),
      failed: z.string().nullable(),
    }),
  ),
});
export type Routed = z.infer<typeof routedSchema>;

export const DELIVERY_STATES = ['failed', 'waiting', 'sent', 'superseded'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];
const delivery = z.object({
  id: z.string(),
  state: z.enum(DELIVERY_STATES),
  receiver: z.string(),
  integration: z.string(),
  route: z.string(),
  group: z.string(),
  planned_at: z.number(),
  at: z.number(),
  attempts: z.number(),
  alerts: z.number(),
  about: z.array(z.object({ fingerprint: z.string(), title: z.string() })),
  reason: z.string(),
  error: z.string(),
  may_be_duplicate: z.boolean(),
});
export type Delivery = z.infer<typeof delivery>;

/** Of `GET /api/v1/alerting/deliveries`. */
export const deliveriesSchema = z.object({
  partial: z.boolean(),
  total: z.number(),
  receivers: z.array(
    z.object({
      receiver: z.string(),
      integration: z.string(),
      counts: z.record(z.enum(DELIVERY_STATES), z.number()),
      last_sent_at: z.number().nullable(),
      last_failed_at: z.number().nullable(),
    }),
  ),
  deliveries: z.array(delivery),
});
