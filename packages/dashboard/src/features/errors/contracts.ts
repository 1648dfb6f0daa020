import { z } from 'zod';

const time = z.string().transform((text) => Date.parse(text));

export const GROUP_STATUSES = ['open', 'regressed', 'ignored', 'resolved'] as const;
export type GroupStatus = (typeof GROUP_STATUSES)[number];

const group = z.object({
  id: z.string(),
  name: z.string(),
  message: z.string(),
  culprit: z.string(),
  type: z.string(),
  severity: z.string(),
  status: z.enum(GROUP_STATUSES),
  first_seen: time,
  last_seen: time,
  count: z.number(),
  rate_per_minute: z.number(),
  users: z.number(),
  users_exact: z.boolean(),
  services: z.array(z.string()),
  releases: z.array(z.string()),
  trend: z.object({ counts: z.array(z.number()) }),
});
export type ErrorGroup = z.infer<typeof group>;

/** Of `GET /api/v1/errors/groups`. */
export const groupsSchema = z.object({
  total: z.number(),
  by_status: z.record(z.enum(GROUP_STATUSES), z.number()),
  next: z.string().nullable(),
  groups: z.array(group),
});

const counted = z.array(z.object({ name: z.string(), count: z.number() }));

/** Of `GET /api/v1/errors/groups/{id}`. */
export const groupSchema = group.extend({
  grouping: z.object({ version: z.number(), parts: z.array(z.string()) }),
  state: z.object({
    release: z.string().nullable(),
    in_next_release: z.boolean(),
    until: z.string().nullable(),
  }),
  environments: counted,
  week: z.object({ counts: z.array(z.number()) }),
  merged: z.array(z.string()),
  latest_event: z.string(),
  audit: z.array(z.object({ at: time, by: z.string(), action: z.string(), detail: z.string() })),
});
export type GroupDetail = z.infer<typeof groupSchema>;

const event = z.object({
  id: z.string(),
  group: z.string(),
  timestamp: time,
  service: z.string(),
  name: z.string(),
  message: z.string(),
  environment: z.string(),
  release: z.string(),
  user: z.string(),
  transaction: z.string(),
  trace_id: z.string(),
  request_id: z.string(),
});

/** Of the lists of events. */
export const eventsSchema = z.object({ next: z.string().nullable(), events: z.array(event) });

const frame = z.object({
  function: z.string(),
  file: z.string(),
  line: z.number(),
  column: z.number(),
  in_app: z.boolean(),
  context: z.object({ pre: z.array(z.string()), line: z.string(), post: z.array(z.string()) }).nullable(),
});
export type Frame = z.infer<typeof frame>;

/** Of `GET /api/v1/errors/events/{id}`. */
export const eventSchema = event.extend({
  exceptions: z.array(
    z.object({ name: z.string(), message: z.string(), code: z.string(), frames: z.array(frame) }),
  ),
  tags: z.array(z.object({ name: z.string(), value: z.string() })),
  context: z.array(z.object({ name: z.string(), value: z.string() })),
  breadcrumbs: z.array(
    z.object({ timestamp: time, category: z.string(), level: z.string(), message: z.string() }),
  ),
});
export type EventDetail = z.infer<typeof eventSchema>;

/** Of `GET /api/logs`: what stands around an error. */
export const linesSchema = z.object({
  logs: z.array(z.object({ timestamp: time, service: z.string(), level: z.string(), message: z.string() })),
});
