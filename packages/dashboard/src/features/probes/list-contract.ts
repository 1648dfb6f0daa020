import { z } from 'zod';

export const TYPES = ['http', 'tcp', 'dns', 'tls', 'icmp', 'heartbeat'] as const;
const type = z.enum(TYPES);
export type ProbeType = z.output<typeof type>;

/** One line of the list. Times in epoch ms, durations in ms. */
export const row = z.object({
  id: z.string(),
  name: z.string(),
  type,
  target: z.string(),
  service: z.string().nullable(),
  tags: z.array(z.string()),
  status: z.enum(['healthy', 'degraded', 'unhealthy', 'unknown']),
  reason: z.string(),
  since: z.number(),
  failing: z.number(),
  paused: z.boolean(),
  maintenance: z.boolean(),
  lastLook: z.number().nullable(),
  duration: z.number().nullable(),
  recent: z.array(z.number().nullable()),
  certificateExpiry: z.number().nullable(),
  configured: z.boolean(),
});
export type ProbeRow = z.output<typeof row>;

export const listSchema = z.object({
  total: z.number(),
  counts: z.object({
    all: z.number(),
    healthy: z.number(),
    degraded: z.number(),
    unhealthy: z.number(),
    unknown: z.number(),
    paused: z.number(),
  }),
  probes: z.array(row),
});
export type ProbeList = z.output<typeof listSchema>;
