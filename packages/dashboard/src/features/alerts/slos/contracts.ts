import { z } from 'zod';
import type { Status } from '../../../api/contracts.ts';

const share = z.number().nullable();
const BURN_WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;
const STATUSES = ['unhealthy', 'degraded', 'healthy', 'unknown'] as const satisfies readonly Status[];

const listed = z.object({
  name: z.string(),
  service: z.string(),
  description: z.string(),
  objective: z.number(),
  window: z.string(),
  window_seconds: z.number(),
  indicator: z.string(),
  status: z.enum(STATUSES),
  reason: z.string(),
  tolerated: z.boolean(),
  error_ratio: share,
  budget: z.number(),
  budget_remaining: share,
  covered: share,
  rate: share,
  burn: z.record(z.enum(BURN_WINDOWS), share),
  exhausted_in_seconds: share,
});
export type Slo = z.infer<typeof listed>;

/** Of `GET /api/v1/slos`. */
export const slosSchema = z.object({ slos: z.array(listed) });

const burnAlert = z.object({
  severity: z.enum(['critical', 'warning']),
  long: z.enum(BURN_WINDOWS),
  short: z.enum(BURN_WINDOWS),
  factor: z.number(),
  budget_share: z.number(),
  possible: z.boolean(),
  burns: z.boolean(),
});

/** Of `GET /api/v1/slos/{name}`. */
export const sloSchema = listed.extend({
  alerts: z.array(burnAlert),
  least_bad: z.number(),
  alerting: z.boolean(),
  queries: z.object({ budget: z.string(), error_ratio: z.string(), burn: z.string(), history: z.string() }),
  rules: z.string(),
});
export type WholeSlo = z.infer<typeof sloSchema>;
