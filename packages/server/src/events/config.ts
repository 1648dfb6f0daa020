import { z } from 'zod';
import { defineSection } from '../kernel/config/section.ts';
import { duration, size } from '../kernel/config/values.ts';
import { redactSchema } from '../logs/index.ts';
import { parseExpression, parsePath } from './expression/parse.ts';
import { userRule } from './user-rules/user-rule.ts';

const share = z.number().min(0).max(1);

/** A rule of the file, whose expression must be readable before anything starts. */
const fileRule = userRule.superRefine((rule, context) => {
  for (const [key, read] of [
    ['when', () => parseExpression(rule.when)],
    ['field', () => parsePath(rule.field)],
  ] as const)
    try {
      read();
    } catch (error) {
      context.addIssue({
        code: 'custom',
        path: [key],
        message: error instanceof Error ? error.message : String(error),
      });
    }
});

const webhook = z.strictObject({
  url: z.url({ protocol: /^https?$/, message: 'expected an http or https address' }),
  /** Signs each delivery; without one it is not signed. */
  secret: z.string().min(1).optional(),
  timeout: duration.prefault('5s'),
  /** Further attempts after one that failed for a reason that may pass. */
  retries: z.number().int().min(0).max(10).default(3),
  headers: z.record(z.string(), z.string()).default({}),
});
export type WebhookConfig = z.output<typeof webhook>;

/** What is judged and how, what is kept, and who is told. */
export const eventsSection = defineSection(
  'events',
  z
    .strictObject({
      /** Scores from which a verdict is WARNING and CRITICAL. */
      warning_threshold: share.default(0.7),
      critical_threshold: share.default(0.9),
      limits: z
        .strictObject({
          /** Milliseconds. */
          response_time: z.number().positive().default(5000),
          latency: z.number().positive().default(3000),
          /** Percent. */
          cpu_usage: z.number().positive().max(100).default(90),
          memory_usage: z.number().positive().max(100).default(85),
          error_rate: z.number().positive().max(100).default(10),
        })
        .prefault({}),
      /** Share of a limit above which a figure approaches it. */
      approach: share.default(0.9),
      anomaly: z
        .strictObject({
          z_score: z.number().positive().default(3),
          /** Above this an anomaly is critical by itself. */
          strong_z_score: z.number().positive().default(6),
          /** Values a history must have before anything is unlike it. */
          min_events: z.number().int().min(5).default(30),
          /** Sources with types whose history is kept. */
          max_histories: z.number().int().positive().default(10_000),
        })
        .prefault({}),
      accept_past: duration.prefault('30d'),
      accept_future: duration.prefault('10m'),
      /** Bytes of one event. */
      max_event: size.prefault('256KB'),
      /** Events of one batch. */
      max_batch: z.number().int().positive().default(50_000),
      /** Events that are acknowledged but not in the engine yet, in memory; over it, senders are told to come again. */
      pending_memory: size.prefault('256MB'),
      /** Events that are kept; the oldest beyond go. No limit where absent. */
      max_entries: z.number().int().positive().optional(),
      mask: z
        .strictObject({
          /** Names of fields to be masked, besides the ready ones. */
          fields: z.array(z.string().min(1).max(200)).max(200).default([]),
          values: redactSchema.prefault({ ready: ['secrets', 'cards'] }),
        })
        .prefault({}),
      rules: z
        .array(fileRule)
        .max(200)
        .default([])
        .refine((rules) => new Set(rules.map(({ name }) => name)).size === rules.length, {
          message: 'two rules have the same name',
        }),
      /** Rules that a tenant may have of its own. */
      max_rules: z.number().int().min(0).max(1000).default(100),
      webhooks: z.array(webhook).max(20).default([]),
    })
    .prefault({})
    .refine(({ warning_threshold, critical_threshold }) => warning_threshold <= critical_threshold, {
      path: ['warning_threshold'],
      message: 'is above critical_threshold',
    }),
  [
    {
      variable: 'WARNING_THRESHOLD',
      path: ['warning_threshold'],
      as: 'number',
      about: 'Score from which a verdict is WARNING, 0.7 by default.',
    },
    {
      variable: 'CRITICAL_THRESHOLD',
      path: ['critical_threshold'],
      as: 'number',
      about: 'Score from which a verdict is CRITICAL, 0.9 by default.',
    },
    {
      variable: 'MAX_LOG_ENTRIES',
      path: ['max_entries'],
      as: 'number',
      about: 'Events that are kept; no limit by default.',
    },
  ],
);

export type EventsConfig = z.output<typeof eventsSection.schema>;
