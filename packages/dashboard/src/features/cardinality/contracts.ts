import { z } from 'zod';

/** Answers of `/api/v1/cardinality…`. Times are ms. */
const counts = { series: z.number(), fresh: z.number(), ended: z.number() };
const metric = z.object({ name: z.string(), ...counts });
const label = z.object({
  name: z.string(),
  values: z.number(),
  series: z.number(),
  characters: z.number(),
  longest: z.number(),
});

export const reportSchema = z.object({
  at: z.number(),
  tenant: z.string(),
  seriesLimit: z.number(),
  totals: z.object({ ...counts, metrics: z.number(), labels: z.number(), pairs: z.number() }),
  metrics: z.array(metric),
  churning: z.array(metric),
  labels: z.array(label),
  pairs: z.array(z.object({ name: z.string(), value: z.string(), series: z.number() })),
  targets: z.array(z.object({ job: z.string(), instance: z.string(), ...counts })),
  tenants: z.array(z.object({ tenant: z.string(), series: z.number() })),
  arrivals: z.array(z.object({ start: z.number(), series: z.number() })),
});
export type Report = z.infer<typeof reportSchema>;

export const growthSchema = z.object({
  days: z.array(z.object({ start: z.number(), series: z.number(), fresh: z.number() })),
  metrics: z.array(metric),
  sampled: z.number(),
});

export const limitsSchema = z.object({
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: z.tuple([z.number(), z.string()]),
      }),
    ),
  }),
});
