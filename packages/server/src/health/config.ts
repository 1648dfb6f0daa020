import { z } from 'zod';
import { defineSection } from '../kernel/config/section.ts';
import { duration } from '../kernel/config/values.ts';

const ratio = z.number().gt(0).max(1);
const window = duration.refine((ms) => ms >= 10_000 && ms <= 3_600_000, {
  message: 'must be from 10s to 1h',
});

const limits = {
  error_ratio: ratio,
  unhealthy_error_ratio: ratio,
  latency_p95: duration,
  cpu_percent: z.number().gt(0),
  event_loop_lag: duration,
};

export const healthSection = defineSection(
  'health',
  z
    .strictObject({
      /** Ask `/health` on the address of every scrape target too; targets without one are left alone after the first look. */
      poll_scrape_targets: z.boolean().default(true),
      poll_interval: duration.prefault('5s'),
      poll_timeout: duration.prefault('3s'),
      polls: z
        .array(z.strictObject({ service: z.string().min(1), url: z.url({ protocol: /^https?$/ }) }))
        .default([]),
      /** What live traffic is held against. */
      objectives: z
        .strictObject({
          enabled: z.boolean().default(true),
          /** Rates are over this window; at least four scrape intervals. */
          window: window.prefault('30s'),
          /** With fewer requests in the window, traffic says nothing. */
          min_requests: z.number().min(1).default(10),
          error_ratio: limits.error_ratio.default(0.05),
          unhealthy_error_ratio: limits.unhealthy_error_ratio.default(0.5),
          latency_p95: limits.latency_p95.prefault('1s'),
          cpu_percent: limits.cpu_percent.default(85),
          /** The 90th percentile of how late the event loop is. */
          event_loop_lag: limits.event_loop_lag.prefault('500ms'),
          /** Other limits for single services, by canonical name. */
          services: z
            .record(
              z.string().min(1),
              z.strictObject({
                error_ratio: limits.error_ratio.optional(),
                unhealthy_error_ratio: limits.unhealthy_error_ratio.optional(),
                latency_p95: limits.latency_p95.optional(),
                cpu_percent: limits.cpu_percent.optional(),
                event_loop_lag: limits.event_loop_lag.optional(),
              }),
            )
            .default({}),
        })
        .prefault({}),
    })
    .prefault({}),
);
