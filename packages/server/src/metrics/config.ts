import { z } from 'zod';
import { defineSection } from '../kernel/config/section.ts';
import { duration, size, sizeFrom } from '../kernel/config/values.ts';

/** Parts of PromQL that Prometheus keeps behind feature flags too: their meaning may still change. */
const EXPERIMENTS = [
  'functions',
  'duration_expressions',
  'extended_range_selectors',
  'fill_modifiers',
  'trim_operators',
  'start_timestamps',
  'delayed_name_removal',
] as const;

const query = z
  .strictObject({
    timeout: duration.prefault('2m'),
    /** Queries that run at once; as many again wait, more are refused. */
    max_concurrency: z.number().int().positive().default(20),
    /** Samples one selector may load; 16 bytes each. */
    max_samples: z.number().int().positive().default(20_000_000),
    max_series: z.number().int().positive().default(500_000),
    /** Steps of a range query. */
    max_points: z.number().int().positive().default(11_000),
    lookback_delta: duration.prefault('5m'),
    /** Memory of each tenant for answers of range queries, of which only new steps are computed; 0 switches it off. */
    result_cache: sizeFrom(0).prefault('32MB'),
    experimental: z.array(z.enum(EXPERIMENTS)).default([]),
    /** Whether buckets of 5 minutes and of 1 hour may stand for old samples; a request may say so for itself. */
    downsample: z.enum(['auto', 'never']).default('auto'),
    /** Samples a selector must be spared before buckets stand for some that are still there. */
    downsample_spares: z.number().int().nonnegative().default(200_000),
  })
  .prefault({});

/** The door of Prometheus remote write, `/api/v1/write`. */
const remoteWriteReceiver = z
  .strictObject({
    /** Largest request after decompression. */
    max_body: size.prefault('32MB'),
    /** Decompressed requests held at once; more get 503. */
    max_in_flight: size.prefault('128MB'),
    /** Memory for recognising senders' series by their bytes; what does not fit is decoded every time. */
    known_memory: size.prefault('64MB'),
  })
  .prefault({});

/** `metrics:` in the configuration file: what the store keeps in memory, accepts and answers. */
export const metricsSection = defineSection(
  'metrics',
  z
    .strictObject({
      /** How much of the newest data memory holds, counted from the newest sample. */
      head_window: duration.prefault('3h'),
      /** Memory for it; over this, the oldest goes first. */
      head_memory: size.prefault('128MB'),
      /** Samples further back are refused: their partition may be gone already. */
      accept_past: duration.prefault('7d'),
      accept_future: duration.prefault('10m'),
      /** Active series per tenant. */
      series_limit: z.number().int().positive().default(1_000_000),
      /** Memory for the label names and values of a tenant's active series: over this, new series are refused. */
      label_memory: size.prefault('512MB'),
      /** New series one scrape target may bring in two hours, and series it may expose: more are refused, the rest of it is kept. */
      target_series_limit: z.number().int().positive().default(200_000),
      /** Labels of one series, and the lengths of their names and values: label sets beyond are refused at every door. */
      label_count_limit: z.number().int().positive().default(128),
      label_name_limit: sizeFrom(64).prefault('1KB'),
      label_value_limit: sizeFrom(64).prefault('16KB'),
      /** Label sets of older series kept in memory for queries. */
      cached_series: z.number().int().positive().default(100_000),
      /** Buckets of 5 minutes and of 1 hour, computed for each day that has passed. */
      downsample: z.strictObject({ enabled: z.boolean().default(true) }).prefault({}),
      query,
      remote_write_receiver: remoteWriteReceiver,
    })
    .prefault({}),
);

export type MetricsConfig = z.output<typeof metricsSection.schema>;
