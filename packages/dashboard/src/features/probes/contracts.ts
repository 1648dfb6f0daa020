import { z } from 'zod';

export const TYPES = ['http', 'tcp', 'dns', 'tls', 'icmp', 'heartbeat'] as const;
const type = z.enum(TYPES);
export type ProbeType = z.output<typeof type>;

/** One line of the list. Times in epoch ms, durations in ms. */
const row = z.object({
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

/** A definition as the form edits it; what is wrong with it only the server says. */
export const definitionSchema = z.record(z.string(), z.unknown());
export type Definition = z.output<typeof definitionSchema>;

export const detailSchema = row.extend({
  definition: definitionSchema,
  version: z.number().nullable(),
  failures: z.array(z.object({ at: z.number(), reason: z.string() })),
  heartbeatPath: z.string().nullable(),
});
export type ProbeDetail = z.output<typeof detailSchema>;

const line = z.array(z.number().nullable());
export const historySchema = z.object({
  step: z.number(),
  start: z.number(),
  uptime: z.number().nullable(),
  up: line,
  duration: line,
  phases: z.record(z.string(), line),
});
export type ProbeHistory = z.output<typeof historySchema>;

export const testSchema = z.object({
  success: z.boolean(),
  reason: z.string(),
  warning: z.string().nullable(),
  duration: z.number(),
  samples: z.array(
    z.object({ name: z.string(), labels: z.record(z.string(), z.string()), value: z.number() }),
  ),
});
export type TestAnswer = z.output<typeof testSchema>;

const whom = { title: z.string(), probes: z.array(z.string()), tags: z.array(z.string()) };
const maintenanceWindow = z.union([
  z.object({ ...whom, from: z.string(), to: z.string() }),
  z.object({
    ...whom,
    days: z.array(z.string()),
    at: z.string(),
    duration: z.string(),
    time_zone: z.string(),
  }),
]);
export type MaintenanceWindow = z.output<typeof maintenanceWindow>;

export const windowsSchema = z.object({
  windows: z.array(
    z.object({
      id: z.string(),
      window: maintenanceWindow,
      version: z.number().nullable(),
      open: z.boolean(),
      configured: z.boolean(),
    }),
  ),
});
export type KnownWindow = z.output<typeof windowsSchema>['windows'][number];
