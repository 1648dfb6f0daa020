import { z } from 'zod';
import { SIGNAL_NAMES } from '../deviation.ts';

const figure = z.number().nullable();
const trend = {
  current: figure.describe('Of the window.'),
  previous: figure.describe('Of the window before, which was as long.'),
  change: figure.describe('Of the previous one: 0.5 is half as much again. Null where there was nothing.'),
  direction: z.enum(['rising', 'falling', 'steady', 'unknown']),
};
const lined = z.object({
  ...trend,
  series: z
    .object({ start: z.number(), step: z.number(), values: z.array(figure) })
    .describe('Points of the window; times in milliseconds.'),
});

export const analyticsAnswer = z.object({
  timestamp: z.string(),
  window: z.string(),
  method: z
    .enum(['statistical'])
    .describe('Everything here is counted, compared and tested; no model is asked.'),
  confidence: z.number().describe('Share of the points it rests on that are known, 0..1.'),
  baseline: z
    .object({ start: z.string(), end: z.string() })
    .describe('The past that anomalies are held against.'),
  services: z.array(
    z.object({
      name: z.string(),
      status: z.enum(['healthy', 'degraded', 'unhealthy', 'unknown']),
      traffic: lined.describe('Requests per second.'),
      error_ratio: lined.describe('Share of the requests that failed, 0..1.'),
      latency_p95: lined.describe('Seconds.'),
      anomalies: z.number(),
      errors: z.object({
        new_groups: z.number(),
        regressed_groups: z.number(),
        rising_groups: z.number(),
      }),
    }),
  ),
  business: z.array(
    z.object({
      metric: z.string(),
      service: z.string(),
      labels: z.record(z.string(), z.string()),
      kind: z.enum(['counter', 'gauge']).describe('Of a counter: what it rose by; of a gauge: its value.'),
      ...trend,
    }),
  ),
  top_endpoints: z
    .array(
      z.object({
        service: z.string(),
        method: z.string(),
        route: z.string(),
        requests: z.number(),
        previous_requests: z.number(),
        share: z.number().describe('Of all requests, 0..1.'),
        error_ratio: z.number(),
        p95: figure,
        previous_p95: figure,
      }),
    )
    .describe('Those that were asked most, at most 20.'),
  anomalies: z
    .array(
      z.object({
        service: z.string(),
        signal: z.enum(SIGNAL_NAMES),
        direction: z.enum(['above', 'below']),
        from: z.string(),
        to: z.string().nullable().describe('Null while it lasts.'),
        value: z.number().describe('The one farthest from usual.'),
        usual: z.number().describe('Median of the past.'),
        score: z.number().describe('Robust standard deviations from usual.'),
        confidence: z.number(),
        severity: z.enum(['info', 'warning', 'critical']),
        message: z.string(),
      }),
    )
    .describe('The least likely first, at most 100.'),
  warnings: z.array(z.string()),
});
