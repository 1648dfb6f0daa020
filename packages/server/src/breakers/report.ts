import { z } from 'zod';
import { action, counts, state } from './model.ts';

const name = z.string().min(1).max(200);
const time = z.iso.datetime({ offset: true }).nullable();

/** What a service says about its breakers, over the channel that it opens itself. */
export const reportBody = z.object({
  service: name,
  instance: name,
  session: name.describe('Another one after each start of the process.'),
  version: z.string().max(200).default(''),
  commands: z.boolean().default(false).describe('Whether commands are taken.'),
  leaving: z.boolean().default(false),
  sent_at: z
    .number()
    .min(0)
    .max(8.64e15)
    .optional()
    .describe('What time the process has, epoch ms: changes that are told late keep their times.'),
  breakers: z
    .array(
      z.object({
        name,
        service: name.describe('The protected upstream.'),
        kind: z.string().max(40).default('pharos'),
        state,
        counts,
        last_change: time,
        forced: z.boolean().default(false),
        forced_until: time.default(null),
        actions: z.array(action).max(10).default([]),
        settings: z
          .record(z.string().max(60), z.number())
          .default({})
          .refine((record) => Object.keys(record).length <= 30, { message: 'at most 30 settings' }),
      }),
    )
    .max(200),
  transitions: z
    .array(
      z.object({
        seq: z.number().int().min(1),
        name,
        at: z.number().min(0).max(8.64e15),
        from: state,
        to: state,
        reason: z.string().max(100),
        counts,
      }),
    )
    .max(500)
    .default([]),
  acks: z
    .array(z.object({ id: name, breaker: name, outcome: z.string().max(40) }))
    .max(1000)
    .default([]),
});
export type Report = z.output<typeof reportBody>;
export type ReportedBreaker = Report['breakers'][number];

export const pollBody = z.object({ service: name, instance: name, session: name });

/** One command as an instance gets it: durations, not times, because clocks differ. */
const deliveredCommand = z.object({
  id: z.string(),
  action,
  breakers: z.array(z.string()),
  for_ms: z.number().nullable().describe('How long a hold lasts from now on; null for what holds nothing.'),
  by: z.string(),
  reason: z.string(),
});
export type DeliveredCommand = z.output<typeof deliveredCommand>;

export const commandsAnswer = z.object({ commands: z.array(deliveredCommand) });
