import { z } from 'zod';
import { defineSection } from '../../kernel/config/section.ts';
import { duration, size } from '../../kernel/config/values.ts';
import { discoveryShape } from '../discovery/config.ts';
import { checkHttpClient, httpClientShape } from '../http-client/config.ts';
import { relabelConfigSchema } from '../relabel/config.ts';

/** What a target may answer with, in Prometheus' names. */
const SCRAPE_PROTOCOLS = [
  'PrometheusProto',
  'OpenMetricsText0.0.1',
  'OpenMetricsText1.0.0',
  'PrometheusText0.0.4',
  'PrometheusText1.0.0',
] as const;

export type ScrapeProtocol = (typeof SCRAPE_PROTOCOLS)[number];

const count = z.number().int().nonnegative();
const labelName = z.string().min(1);
const labelSet = z.record(labelName, z.string());
const protocols = z.array(z.enum(SCRAPE_PROTOCOLS)).min(1);

/** Limits that `global` sets for all jobs and a job may override; 0 means none. */
const limits = {
  body_size_limit: size.optional(),
  sample_limit: count.optional(),
  target_limit: count.optional(),
  label_limit: count.optional(),
  label_name_length_limit: count.optional(),
  label_value_length_limit: count.optional(),
  keep_dropped_targets: count.optional(),
};

/** What is read of native histograms, for all jobs or one. */
const histograms = {
  scrape_native_histograms: z.boolean().optional(),
  always_scrape_classic_histograms: z.boolean().optional(),
};

const validationScheme = z.literal('utf8', { error: 'only utf8 is supported' }).default('utf8');

/** Prometheus' `global`. Intervals in milliseconds. Scrapes and rules run every 15 s unless told otherwise. */
export const globalSchema = z
  .strictObject({
    scrape_interval: duration.prefault('15s'),
    scrape_timeout: duration.optional(),
    scrape_protocols: protocols.optional(),
    evaluation_interval: duration.prefault('15s'),
    /** How far back rules look from the time of their evaluation, for samples that come late. */
    rule_query_offset: duration.prefault('0s'),
    external_labels: labelSet.default({}),
    metric_name_validation_scheme: validationScheme,
    ...histograms,
    ...limits,
  })
  .superRefine((global, context) => {
    checkTiming(global.scrape_interval, global.scrape_timeout, context);
    if (global.evaluation_interval < LEAST_EVALUATION_MS || global.evaluation_interval > MAX_INTERVAL_MS)
      context.addIssue({
        code: 'custom',
        path: ['evaluation_interval'],
        message: 'must be from 100ms to 1d',
      });
  })
  .prefault({});

export type GlobalConfig = z.output<typeof globalSchema>;

/** One entry of Prometheus' `scrape_configs`. */
const scrapeConfigSchema = z
  .strictObject({
    job_name: z.string().min(1, { error: 'job_name must not be empty' }),
    scrape_interval: duration.optional(),
    scrape_timeout: duration.optional(),
    scrape_protocols: protocols.optional(),
    fallback_scrape_protocol: z.enum(SCRAPE_PROTOCOLS).optional(),
    metrics_path: z.string().default('/metrics'),
    scheme: z
      .string()
      .transform((text) => text.toLowerCase())
      .pipe(z.enum(['http', 'https']))
      .default('http'),
    params: z.record(z.string(), z.array(z.string())).default({}),
    honor_labels: z.boolean().default(false),
    honor_timestamps: z.boolean().default(true),
    track_timestamps_staleness: z.boolean().default(false),
    enable_compression: z.boolean().default(true),
    metric_name_validation_scheme: validationScheme,
    relabel_configs: z.array(relabelConfigSchema).default([]),
    metric_relabel_configs: z.array(relabelConfigSchema).default([]),
    ...histograms,
    ...limits,
    ...httpClientShape,
    ...discoveryShape,
  })
  .superRefine((job, context) => {
    checkTiming(job.scrape_interval, job.scrape_timeout, context);
    checkHttpClient(job, context);
  });

export type ScrapeConfig = z.output<typeof scrapeConfigSchema>;

/** Prometheus' `scrape_configs`: job names are unique. */
export const scrapeConfigsSchema = z
  .array(scrapeConfigSchema)
  .default([])
  .superRefine((jobs, context) => {
    const seen = new Set<string>();
    jobs.forEach((job, index) => {
      if (seen.has(job.job_name)) {
        context.addIssue({
          code: 'custom',
          path: [index, 'job_name'],
          message: `job_name "${job.job_name}" is used twice`,
        });
      }
      seen.add(job.job_name);
    });
  });

export const globalSection = defineSection('global', globalSchema);
export const scrapeSection = defineSection('scrape_configs', scrapeConfigsSchema);

/** Rules more often than this would do nothing but wait for the disk. */
const LEAST_EVALUATION_MS = 100;

/** Timers cannot wait longer than 24 days, and a series scraped once a day is gone from every instant query already. */
export const MAX_INTERVAL_MS = 86_400_000;

function checkTiming(
  interval: number | undefined,
  timeout: number | undefined,
  context: z.RefinementCtx,
): void {
  if (interval !== undefined && interval > MAX_INTERVAL_MS)
    context.addIssue({ code: 'custom', path: ['scrape_interval'], message: 'must be at most 1d' });
  if (interval === 0)
    context.addIssue({ code: 'custom', path: ['scrape_interval'], message: 'must be above 0' });
  if (timeout === 0)
    context.addIssue({ code: 'custom', path: ['scrape_timeout'], message: 'must be above 0' });
  if (interval !== undefined && timeout !== undefined && timeout > interval) {
    context.addIssue({
      code: 'custom',
      path: ['scrape_timeout'],
      message: 'must not be longer than scrape_interval',
    });
  }
}
