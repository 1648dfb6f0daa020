import { z } from 'zod';
import { statusSchema } from '../../api/contracts.ts';

const time = z.string().transform((text) => Date.parse(text));

const step = z.object({
  at: time,
  status: statusSchema,
  reason: z.string(),
  caused_by: z.array(z.string()),
});

const episode = z.object({
  service: z.string(),
  from: time,
  to: time.nullable(),
  worst: statusSchema,
  reason: z.string(),
  /** The services it suffered from at any time of it. */
  caused_by: z.array(z.string()),
  steps: z.array(step),
});
export type Episode = z.infer<typeof episode>;

const incident = z.object({
  from: time,
  /** Null while it lasts. */
  to: time.nullable(),
  worst: statusSchema,
  services: z.array(episode),
});
export type Incident = z.infer<typeof incident>;

const record = z.object({
  service: z.string(),
  uptime: z.number().nullable(),
  segments: z.array(z.object({ from: time, to: time, status: statusSchema })),
});
export type ServiceRecord = z.infer<typeof record>;

/** Of `GET /api/health/incidents`. */
export const incidentsSchema = z.object({
  incidents: z.array(incident),
  services: z.array(record),
});
