/** The shop controller's API, as Pharos hands it on under `api/controller/` (shop/README.md). Times become epoch milliseconds. */
import { z } from 'zod';

z.config({ jitless: true });

const time = z.string().transform((text) => Date.parse(text));
const optionalTime = z
  .string()
  .nullish()
  .transform((text) => (text == null ? null : Date.parse(text)));
const parameters = z.record(z.string(), z.unknown()).default({});

export const faultSchema = z.object({
  id: z.string(),
  kind: z.string(),
  service: z.string(),
  params: parameters,
  state: z.enum(['active', 'ended', 'unreachable']),
  from: time,
  until: optionalTime,
  to: optionalTime,
  cause: z.string().default(''),
  error: z.string().nullish(),
});
export type Fault = z.infer<typeof faultSchema>;

const paramSchema = z.object({
  name: z.string(),
  type: z.enum(['number', 'string']),
  default: z.union([z.number(), z.string()]),
  min: z.number().nullish(),
  max: z.number().nullish(),
  unit: z.string().nullish(),
  description: z.string().default(''),
});
export type FaultParam = z.infer<typeof paramSchema>;

const kindSchema = z.object({
  kind: z.string(),
  description: z.string().default(''),
  services: z.array(z.string()),
  params: z.array(paramSchema).default([]),
});
export type FaultKind = z.infer<typeof kindSchema>;

export const faultsSchema = z.object({ kinds: z.array(kindSchema), faults: z.array(faultSchema) });

export const TRAFFIC_MODES = ['off', 'steady', 'bursty', 'diurnal'] as const;
export const trafficSchema = z.object({
  mode: z.enum(TRAFFIC_MODES),
  rate: z.number(),
  period_seconds: z.number(),
  users: z.number(),
  current_rate: z.number().default(0),
  sent_total: z.number().default(0),
  dropped_total: z.number().default(0),
  by_status: z.record(z.string(), z.number()).default({}),
});
export type Traffic = z.infer<typeof trafficSchema>;

export const VERDICT_MODES = ['off', 'shadow', 'enforce'] as const;
export type VerdictMode = (typeof VERDICT_MODES)[number];
export const verdictsSchema = z.object({ mode: z.enum(VERDICT_MODES) });

export const truthSchema = z.object({
  total: z.number(),
  entries: z.array(
    z.object({
      id: z.string(),
      what: z.string(),
      where: z.string(),
      parameters,
      from: time,
      to: optionalTime,
      cause: z.string().default(''),
    }),
  ),
});
export type TruthEntry = z.infer<typeof truthSchema>['entries'][number];
