import { z } from 'zod';

const state = z.enum(['CLOSED', 'HALF_OPEN', 'OPEN']);
export type State = z.output<typeof state>;
const action = z.enum(['reset', 'force_open', 'force_closed', 'release']);
export type Action = z.output<typeof action>;

const counts = z.object({
  requests: z.number(),
  total_successes: z.number(),
  total_failures: z.number(),
  consecutive_successes: z.number(),
  consecutive_failures: z.number(),
});
const time = z
  .string()
  .nullable()
  .transform((text) => (text === null ? null : Date.parse(text)));
const moment = z.string().transform((text) => Date.parse(text));

const breaker = z.object({
  service: z.string(),
  name: z.string(),
  upstream: z.string(),
  kind: z.string(),
  source: z.enum(['channel', 'series']),
  state,
  since: time,
  forced: z.boolean(),
  forced_until: time,
  counts,
  actions: z.array(action),
  settings: z.record(z.string(), z.number()),
  instances: z.array(
    z.object({
      instance: z.string(),
      version: z.string(),
      status: z.enum(['live', 'silent', 'left']),
      last_seen: time,
      state,
      forced: z.boolean(),
      forced_until: time,
      last_change: time,
      counts,
      commands: z.boolean(),
    }),
  ),
});
export type Breaker = z.output<typeof breaker>;
export type Instance = Breaker['instances'][number];

export const fleetSchema = z.object({ total: z.number(), breakers: z.array(breaker) });

export const historySchema = z.object({
  partial: z.boolean(),
  transitions: z.array(
    z.object({
      at: moment,
      service: z.string(),
      name: z.string(),
      instance: z.string(),
      from: state,
      to: state,
      reason: z.string(),
      counts,
    }),
  ),
});

export const commandsSchema = z.object({
  commands: z.array(
    z.object({
      id: z.string(),
      action,
      service: z.string().nullable(),
      instance: z.string().nullable(),
      breaker: z.string().nullable(),
      upstream: z.string().nullable(),
      at: moment,
      until: moment,
      active: z.boolean(),
      by: z.string(),
      reason: z.string(),
      targets: z.number(),
      applied: z.number(),
    }),
  ),
});
export type Given = z.output<typeof commandsSchema>['commands'][number];

export const proposalsSchema = z.object({
  proposals: z.array(
    z.object({
      service: z.string(),
      name: z.string(),
      setting: z.enum(['failureThreshold', 'timeout']),
      current: z.number(),
      proposed: z.number(),
      why: z.string(),
    }),
  ),
});

export const givenSchema = z.object({ total: z.number() });
