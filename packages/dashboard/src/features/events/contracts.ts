import { z } from 'zod';

export const STATUSES = ['NORMAL', 'WARNING', 'CRITICAL'] as const;
export type Status = (typeof STATUSES)[number];
/** The mildest first. */
export const DECISIONS = ['CONTINUE', 'RETRY', 'REPROCESS', 'ESCALATE', 'HALT'] as const;
export type Decision = (typeof DECISIONS)[number];
export const WEIGHTS = ['caution', 'violation', 'critical'] as const;

const time = z.string().transform((text) => Date.parse(text));
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const members = z.record(z.string(), z.unknown());
const status = z.enum(STATUSES);
const decision = z.enum(DECISIONS);

const issue = z.object({
  rule: z.string(),
  field: z.string(),
  value: scalar,
  limit: scalar,
  message: z.string(),
  weight: z.enum(WEIGHTS),
  decision,
});
export type Issue = z.output<typeof issue>;

const entry = z.object({
  id: z.string(),
  timestamp: time,
  source: z.string(),
  event_type: z.string(),
  input: members,
  metadata: members,
  status,
  severity_score: z.number(),
  decision,
  reasoning: z.string(),
  issues: z.array(issue),
  suggestions: z.array(z.string()),
});
/** A judged event. */
export type EventEntry = z.output<typeof entry>;

/** Of `GET /api/v1/monitoring/logs`. */
export const logsSchema = z.object({
  total: z.number(),
  warnings: z.array(z.string()),
  logs: z.array(entry),
});

/** Of one message of the stream: the newest events, and how many came in all. */
export const streamSchema = z.object({ count: z.number(), events: z.array(entry) });

/** Of `GET /api/v1/monitoring/logs/{id}`. */
export const eventSchema = entry.extend({
  received: time,
  rule_version: z.number(),
  severity: z.object({
    row: z.string(),
    rows: z.array(z.object({ when: z.string(), scored: z.string() })),
    warning: z.number(),
    critical: z.number(),
  }),
  baseline: z.array(
    z.object({
      field: z.string(),
      value: z.number(),
      count: z.number(),
      mean: z.number(),
      deviation: z.number(),
    }),
  ),
});
export type EventDetail = z.output<typeof eventSchema>;

const counts = z.record(z.string(), z.number());

/** Of `GET /api/v1/monitoring/stats`. */
export const statsSchema = z.object({
  total: z.number(),
  by_status: counts,
  by_source: counts,
  by_event_type: counts,
  by_rule: counts,
  by_decision: counts,
});

/** A rule as it is sent to be saved or tried. */
const ruleSchema = z.object({
  name: z.string(),
  when: z.string(),
  weight: z.enum(WEIGHTS),
  decision,
  field: z.string(),
  message: z.string(),
  suggestion: z.string(),
  sources: z.array(z.string()),
  event_types: z.array(z.string()),
  enabled: z.boolean(),
});
export type Rule = z.output<typeof ruleSchema>;

export const keptRuleSchema = ruleSchema.extend({ origin: z.enum(['file', 'api']), version: z.number() });
export type KeptRule = z.output<typeof keptRuleSchema>;

const named = z.array(z.object({ name: z.string(), about: z.string() }));

/** Of `GET /api/v1/monitoring/rules`. */
export const rulesSchema = z.object({
  version: z.number(),
  built_in: named,
  rules: z.array(keptRuleSchema),
  functions: named,
});

const transitions = z.array(z.object({ from: status, to: status, count: z.number() }));
export type Transitions = z.output<typeof transitions>;

/** Of `POST /api/v1/monitoring/rules/test`. */
export const trialSchema = z.object({
  evaluated: z.number(),
  matched: z.number(),
  failed: z.number(),
  changed: z.number(),
  transitions,
  samples: z.array(
    z.object({
      id: z.string(),
      timestamp: time,
      source: z.string(),
      event_type: z.string(),
      status,
      decision,
      message: z.string(),
    }),
  ),
  truncated: z.boolean(),
  warnings: z.array(z.string()),
});

const verdict = z.object({
  status,
  severity_score: z.number(),
  decision,
  rules: z.array(z.string()),
});

/** Of `POST /api/v1/monitoring/analysis/re-evaluate`. */
export const reEvaluationSchema = z.object({
  timestamp: time,
  trigger: z.enum(['request', 'rules']),
  lookback_minutes: z.number(),
  evaluated: z.number(),
  changed: z.number(),
  transitions,
  changes: z.array(
    z.object({
      id: z.string(),
      timestamp: time,
      source: z.string(),
      event_type: z.string(),
      before: verdict,
      after: verdict,
    }),
  ),
  truncated: z.boolean(),
  warnings: z.array(z.string()),
});
export type ReEvaluation = z.output<typeof reEvaluationSchema>;
export const lastReEvaluationSchema = z.object({ last: reEvaluationSchema.nullable() });

/** Of the calls of maintenance. */
export const archivesSchema = z.object({
  archives: z.array(z.object({ name: z.string(), bytes: z.number() })),
});
export const cleanedSchema = z.object({ removed: z.number() });
export const restoredSchema = z.object({ restored: z.number() });
