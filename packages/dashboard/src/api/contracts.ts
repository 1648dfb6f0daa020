/**
 * Every shape the dashboard reads, in one file. Times come as ISO text, epoch seconds or epoch milliseconds and leave as epoch
 * milliseconds; a step comes in milliseconds and leaves in seconds; latencies are seconds; ratios are 0..1; rates are per second; `null` means "no data", never zero.
 */
import { z } from 'zod';

// zod's compiled fast path needs `new Function`, which the content security policy refuses (and reports to the console).
z.config({ jitless: true });

const SECONDS_LIMIT = 1e11;

function toMillis(value: string | number): number | null {
  if (typeof value === 'number') return value < SECONDS_LIMIT ? value * 1000 : value;
  const asNumber = Number(value);
  if (value.trim() !== '' && Number.isFinite(asNumber)) return toMillis(asNumber);
  const parsed = Date.parse(value);
  return Number.isNaN(parsed) ? null : parsed;
}

const time = z.union([z.string(), z.number()]).transform((value, context) => {
  const millis = toMillis(value);
  if (millis !== null) return millis;
  context.addIssue({ code: 'custom', message: `"${value}" is not a time` });
  return z.NEVER;
});
const step = z.number().transform((millis) => millis / 1000);
const optionalTime = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => (value == null ? null : toMillis(value)));
const figure = z
  .number()
  .nullish()
  .transform((value) => value ?? null);
const figures = z.array(z.number().nullable()).default([]);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

export const statusSchema = z.enum(['healthy', 'degraded', 'unhealthy', 'unknown']).catch('unknown');
export type Status = z.infer<typeof statusSchema>;

const reasonSchema = z.object({ source: text, severity: text, message: text });

const instanceSchema = z.object({
  instance: z.string(),
  up: z.boolean().nullish(),
  lastScrape: optionalTime,
  lastError: text,
});
export type Instance = z.infer<typeof instanceSchema>;

const healthServiceSchema = z.object({
  name: z.string(),
  status: statusSchema,
  since: optionalTime,
  reasons: z.array(reasonSchema).default([]),
  /** Services it suffers from; empty where the trouble is its own. */
  caused_by: z.array(z.string()).default([]),
  sources: z
    .array(z.object({ kind: text, status: statusSchema, message: text, at: optionalTime }))
    .default([]),
  uptime: z.object({ '24h': figure }).default({ '24h': null }),
  instances: z.array(instanceSchema).default([]),
});
export type ServiceHealth = z.infer<typeof healthServiceSchema>;

export const healthSchema = z.object({
  timestamp: optionalTime,
  status: statusSchema.optional(),
  services: z.array(healthServiceSchema),
});
export type Health = z.infer<typeof healthSchema>;

const totalsSchema = z.object({
  requestRate: figure,
  errorRate: figure,
  errorRatio: figure,
  p50: figure,
  p95: figure,
  p99: figure,
});
export type Totals = z.infer<typeof totalsSchema>;

/** What a sparkline shows of one service. */
export interface SparklineData {
  readonly start: number;
  readonly step: number;
  readonly requestRate: readonly (number | null)[];
  readonly errorRatio: readonly (number | null)[];
  readonly p95: readonly (number | null)[];
}

const summaryServiceSchema = totalsSchema.extend({
  name: z.string(),
  status: statusSchema,
  previous: totalsSchema.nullish(),
});
export type ServiceSummary = z.infer<typeof summaryServiceSchema>;

const changeSchema = z.object({
  at: time,
  kind: z.enum(['state', 'annotation', 'deployment']).catch('annotation'),
  service: z.string().nullish(),
  from: statusSchema.nullish(),
  to: statusSchema.nullish(),
  title: text,
  text,
});
export type Change = z.infer<typeof changeSchema>;

export const summarySchema = z.object({
  timestamp: optionalTime,
  window: text,
  totals: totalsSchema,
  previous: totalsSchema.nullish(),
  services: z.array(summaryServiceSchema),
  changes: z.array(changeSchema).default([]),
});
export type Summary = z.infer<typeof summarySchema>;

const seriesSchema = z.object({ start: time, step, values: figures });
export type EvenSeries = z.infer<typeof seriesSchema>;

const endpointSchema = z.object({
  method: text,
  route: text,
  p95: figure,
  requestRate: figure,
  errorRatio: figure,
});
export type Endpoint = z.infer<typeof endpointSchema>;

const saturationSchema = z.object({
  cpuPercent: figure,
  memoryMb: figure,
  eventLoopLagSeconds: figure,
  series: z
    .object({
      start: time,
      step,
      cpuPercent: figures,
      memoryMb: figures,
      eventLoopLagSeconds: figures,
    })
    .nullish(),
});

const performanceServiceSchema = z.object({
  name: z.string(),
  percentiles: z.object({ start: time, step, p50: figures, p95: figures, p99: figures }).nullish(),
  throughput: seriesSchema.nullish(),
  /** The failed share of the requests, 0..1. */
  errors: seriesSchema.nullish(),
  slowestEndpoints: z.array(endpointSchema).default([]),
  saturation: saturationSchema.nullish(),
});
export type ServicePerformance = z.infer<typeof performanceServiceSchema>;

export const performanceSchema = z.object({
  timestamp: optionalTime,
  window: text,
  services: z.array(performanceServiceSchema),
});

const dependencySchema = z.union([
  z.string(),
  z.object({ name: z.string() }).transform((dependency) => dependency.name),
]);
const breakerSchema = z.object({ name: z.string(), state: z.string() });
export type Breaker = z.infer<typeof breakerSchema>;

const versionSchema = z.object({ version: z.string(), firstSeen: time, lastSeen: time });
export type Version = z.infer<typeof versionSchema>;

const instanceNameSchema = z.union([
  z.string(),
  z.object({ instance: z.string() }).transform((entry) => entry.instance),
]);

export const servicesSchema = z.object({
  services: z.array(
    z.object({
      name: z.string(),
      status: statusSchema,
      requestRate: figure,
      errorRatio: figure,
      p95: figure,
      breakers: z.array(breakerSchema).default([]),
      dependencies: z.array(dependencySchema).default([]),
      instances: z.array(instanceNameSchema).default([]),
      versions: z.array(versionSchema).default([]),
    }),
  ),
});
export type ServiceFacts = z.infer<typeof servicesSchema>['services'][number];

export const historySchema = z.object({
  service: text,
  transitions: z
    .array(z.object({ at: time, from: statusSchema, to: statusSchema, reason: text }))
    .default([]),
  segments: z.array(z.object({ from: time, to: time, status: statusSchema })).default([]),
});
export type History = z.infer<typeof historySchema>;

export const pastHealthSchema = z.object({
  services: z.array(z.object({ name: z.string(), status: statusSchema })),
});

const annotationSchema = z.object({
  id: z.union([z.string(), z.number()]).transform(String),
  time,
  timeEnd: optionalTime,
  kind: z.enum(['deployment', 'annotation']).catch('annotation'),
  service: z.string().nullish(),
  title: text,
  text,
  tags: z.array(z.string()).default([]),
});
export type Annotation = z.infer<typeof annotationSchema>;

export const annotationsSchema = z.object({ annotations: z.array(annotationSchema) });

const targetSchema = z.object({
  labels: z.record(z.string(), z.string()).default({}),
  discoveredLabels: z.record(z.string(), z.string()).default({}),
  scrapePool: text,
  scrapeUrl: text,
  lastError: text,
  lastScrape: optionalTime,
  lastScrapeDuration: figure,
  health: z.enum(['up', 'down', 'unknown']).catch('unknown'),
  scrapeInterval: text,
  scrapeTimeout: text,
  /** Series it is known to expose. */
  series: figure,
  /** Limits that left samples of its last scrape out. */
  limits: z.array(z.object({ limit: z.string(), samples: z.number(), message: text })).default([]),
});
export type Target = z.infer<typeof targetSchema>;

const droppedTargetSchema = z.object({
  discoveredLabels: z.record(z.string(), z.string()).default({}),
  scrapePool: text,
});
export type DroppedTarget = z.infer<typeof droppedTargetSchema>;

export const targetsSchema = z.object({
  status: z.literal('success'),
  data: z.object({
    activeTargets: z.array(targetSchema).default([]),
    droppedTargets: z.array(droppedTargetSchema).default([]),
    /** By pool; more than are listed, when not all are kept. */
    droppedTargetCounts: z.record(z.string(), z.number()).default({}),
  }),
});

/** The `health` event of the stream: the whole answer or just its list of services. */
export const healthEventSchema = z.union([
  healthSchema,
  z.array(healthServiceSchema).transform((services): Health => ({ timestamp: null, services })),
]);

/** How many alerts there are of each state, and how loud those are that fire; also the `alerts` event of the stream. */
export const alertCountsSchema = z.object({
  firing: z.number(),
  pending: z.number(),
  silenced: z.number(),
  inhibited: z.number(),
  folded: z.number(),
  muted: z.number(),
  loudest: z.enum(['critical', 'warning', 'info']).nullable(),
});
export type AlertCounts = z.infer<typeof alertCountsSchema>;
