import { z } from 'zod';
import { DECISIONS, STATUSES } from '../event.ts';
import { WEIGHTS } from '../verdict.ts';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const issue = z.object({
  rule: z.string(),
  field: z.string(),
  value: scalar,
  limit: scalar,
  message: z.string(),
  weight: z.enum(WEIGHTS),
  decision: z.enum(DECISIONS),
});

const MOST_NAME = 200;
const members = z.record(z.string(), z.unknown());

/** An event as it is sent; the doors read it from its bytes (ingest/parse-event.ts). */
export const eventBody = z.object({
  source: z.string().min(1).max(MOST_NAME).describe('Who did it.'),
  event_type: z.string().min(1).max(MOST_NAME),
  data: members.optional().describe('What the rules look at.'),
  metadata: members.optional(),
  timestamp: z
    .union([z.string(), z.number()])
    .optional()
    .describe('RFC 3339, or epoch seconds or milliseconds; now when absent.'),
  id: z
    .union([z.string().min(1).max(MOST_NAME), z.number().int()])
    .optional()
    .describe('A repeat of it is not stored again and gets the verdict of the first.'),
});

/** The answer to an event. */
export const verdictAnswer = z.object({
  id: z.string(),
  timestamp: z.string(),
  source: z.string(),
  event_type: z.string(),
  status: z.enum(STATUSES),
  severity_score: z.number().describe('0 to 1.'),
  decision: z.enum(DECISIONS),
  reasoning: z.string(),
  issues: z.array(issue),
  suggestions: z.array(z.string()),
  duplicate: z.boolean().describe('An event of this id was there already: this is the verdict it was given.'),
});

export const batchAnswer = z.object({
  total: z.number(),
  accepted: z.number(),
  duplicates: z.number(),
  rejected: z.number(),
  verdicts: z.array(verdictAnswer.extend({ index: z.number() })),
  errors: z.array(z.object({ index: z.number(), message: z.string() })),
});

/** An event in the log. */
export const logEntry = verdictAnswer.omit({ duplicate: true }).extend({
  input: z.record(z.string(), z.unknown()).describe('`data` of the event, sensitive values masked.'),
  metadata: z.record(z.string(), z.unknown()),
});

export const logsAnswer = z.object({
  total: z.number(),
  limit: z.number(),
  offset: z.number(),
  warnings: z.array(z.string()),
  logs: z.array(logEntry),
});
