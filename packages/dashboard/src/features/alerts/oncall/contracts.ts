import { z } from 'zod';

/** Times in epoch ms. */
const shift = z.object({
  from: z.number(),
  until: z.number(),
  person: z.string().nullable(),
  by: z.enum(['layer', 'override']).nullable(),
  source: z.string(),
});
export type Shift = z.infer<typeof shift>;

const override = z.object({ id: z.string(), person: z.string(), from: z.number(), until: z.number() });

const schedule = z.object({
  name: z.string(),
  time_zone: z.string(),
  layers: z.array(
    z.object({
      name: z.string(),
      people: z.array(z.string()),
      turn_seconds: z.number(),
      restricted: z.boolean(),
    }),
  ),
  overrides: z.array(override),
  on_call: shift,
  next: shift.nullable(),
  calendar_url: z.string(),
});
export type Schedule = z.infer<typeof schedule>;

/** Of `GET /api/v1/oncall/schedules`. */
export const schedulesSchema = z.object({ schedules: z.array(schedule), people: z.array(z.string()) });

const day = z.object({ date: z.string(), from: z.number(), until: z.number() });
export type Day = z.infer<typeof day>;

/** Of `GET /api/v1/oncall/schedules/{name}/weeks`. */
export const weeksSchema = z.object({
  time_zone: z.string(),
  days: z.array(day),
  shifts: z.array(shift),
});

/** Of `POST /api/v1/oncall/schedules/{name}/overrides`. */
export const overrideSchema = override;

const target = z.object({ kind: z.enum(['schedule', 'person', 'receiver']), name: z.string() });
export type Target = z.infer<typeof target>;

const policyRule = z.object({
  name: z.string(),
  matchers: z.array(z.string()),
  delay_seconds: z.number(),
  during: z.array(z.string()).nullable(),
  levels: z.array(z.object({ tell: z.array(target), times: z.number(), every_seconds: z.number() })),
});
export type PolicyRule = z.infer<typeof policyRule>;

const policy = z.object({
  name: z.string(),
  receivers: z.array(z.string()),
  repeat: z.number(),
  acknowledged_for_seconds: z.number().nullable(),
  rules: z.array(policyRule),
});
export type Policy = z.infer<typeof policy>;

/** Of `GET /api/v1/oncall/policies`. */
export const policiesSchema = z.object({ policies: z.array(policy) });

const recipient = z.object({ receiver: z.string(), person: z.string().nullable() });
export type Recipient = z.infer<typeof recipient>;

const PAGE_STATES = ['escalating', 'exhausted', 'acknowledged', 'ended'] as const;
const page = z.object({
  id: z.string(),
  state: z.enum(PAGE_STATES),
  receiver: z.string(),
  policy: z.string(),
  rule: z.string(),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  firing: z.number(),
  fingerprints: z.array(z.string()),
  opened_at: z.number(),
  ended_at: z.number().nullable(),
  next_at: z.number().nullable(),
  next: z
    .object({
      at: z.number(),
      level: z.number(),
      levels: z.number(),
      time: z.number(),
      times: z.number(),
      recipients: z.array(recipient),
    })
    .nullable(),
  acknowledged_by: z.string(),
  acknowledged_at: z.number().nullable(),
  told: z.array(recipient),
  events: z.array(z.object({ at: z.number(), what: z.string(), by: z.string(), text: z.string() })),
});
export type Page = z.infer<typeof page>;

/** Of `GET /api/v1/oncall/pages`. */
export const pagesSchema = z.object({ pages: z.array(page) });
/** Of `POST /api/v1/oncall/pages/{id}/{act}`. */
export const pageSchema = page;

/** Of `POST /api/v1/oncall/acknowledge`. */
export const acknowledgedSchema = z.object({
  acknowledged: z.array(z.string()),
  refused: z.array(z.object({ id: z.string(), reason: z.string() })),
});

const figures = {
  pages: z.number(),
  tellings: z.number(),
  told: z.number(),
  acknowledged: z.number(),
  unanswered: z.number(),
  exhausted: z.number(),
  seconds_to_acknowledge: z.number().nullable(),
  seconds_to_end: z.number().nullable(),
};
const alertFigures = z.object({
  alert: z.string(),
  ...figures,
  advice: z.array(
    z.object({
      what: z.string(),
      text: z.string(),
      spares: z.number().nullable(),
      duration_seconds: z.number().nullable(),
    }),
  ),
});
export type AlertFigures = z.infer<typeof alertFigures>;

/** Of `GET /api/v1/oncall/statistics`. */
export const statisticsSchema = z.object({
  from: z.number(),
  until: z.number(),
  total: z.object(figures),
  alerts: z.array(alertFigures),
});
