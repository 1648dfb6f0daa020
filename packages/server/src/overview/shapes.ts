import { z } from 'zod';

const number = z.number().nullable();
const golden = z.object({
  requestRate: number,
  errorRate: number,
  errorRatio: number,
  p50: number,
  p95: number,
  p99: number,
});
const line = z.array(number);
const status = z.enum(['healthy', 'degraded', 'unhealthy', 'unknown']);

/** What changed: state transitions and annotations, newest first. */
export const change = z.object({
  at: z.string(),
  kind: z.enum(['state', 'annotation', 'deployment']),
  service: z.string().optional(),
  from: status.optional(),
  to: status.optional(),
  title: z.string(),
  text: z.string(),
});

export const summaryAnswer = z.object({
  timestamp: z.string(),
  window: z.string(),
  totals: golden,
  previous: golden.describe('The same, one window earlier.'),
  services: z.array(
    golden.extend({
      name: z.string(),
      status,
      previous: golden,
      sparkline: z.object({
        start: z.number(),
        step: z.number().describe('Both in milliseconds.'),
        requestRate: line,
        errorRatio: line,
        p95: line,
      }),
    }),
  ),
  changes: z.array(change),
});

const grid = { start: z.number(), step: z.number() };

export const performanceAnswer = z.object({
  timestamp: z.string(),
  window: z.string(),
  services: z.array(
    z.object({
      name: z.string(),
      percentiles: z.object({ ...grid, p50: line, p95: line, p99: line }),
      throughput: z.object({ ...grid, values: line }),
      errors: z.object({ ...grid, values: line }),
      slowestEndpoints: z.array(
        z.object({
          method: z.string(),
          route: z.string(),
          p95: number,
          requestRate: number,
          errorRatio: number,
        }),
      ),
      saturation: z.object({
        cpuPercent: number,
        memoryMb: number,
        eventLoopLagSeconds: number,
        series: z.object({ ...grid, cpuPercent: line, memoryMb: line, eventLoopLagSeconds: line }),
      }),
    }),
  ),
});

const breakerState = z.enum(['CLOSED', 'HALF_OPEN', 'OPEN']);

export const servicesAnswer = z.object({
  timestamp: z.string(),
  window: z.string(),
  services: z.array(
    golden.extend({
      name: z.string(),
      status,
      since: z.string(),
      breakers: z.array(z.object({ name: z.string(), state: breakerState })),
      dependencies: z.array(z.string()),
      instances: z.array(
        z.object({
          instance: z.string(),
          up: z.boolean().nullable(),
          lastScrape: z.string().nullable(),
          lastError: z.string().nullable(),
        }),
      ),
      versions: z
        .array(z.object({ version: z.string(), firstSeen: z.string(), lastSeen: z.string() }))
        .describe('As the resource of its spans says (`service.version`), the one seen last first.'),
      resources: z.object({ cpuPercent: number, memoryMb: number }),
    }),
  ),
  data: z.array(z.string()).describe("Service names, in the shape of Jaeger's query API."),
  total: z.number(),
  limit: z.number(),
  offset: z.number(),
  errors: z.null(),
});

export const metricsAnswer = z.object({
  timestamp: z.string(),
  window: z.string(),
  services: z.array(
    z.object({
      name: z.string(),
      golden,
      metrics: z.record(
        z.string(),
        z.array(z.object({ labels: z.record(z.string(), z.string()), value: z.number() })),
      ),
      truncated: z.boolean(),
    }),
  ),
});
