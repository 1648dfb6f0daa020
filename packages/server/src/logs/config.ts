import { z } from 'zod';
import { defineSection } from '../kernel/config/section.ts';
import { duration, size } from '../kernel/config/values.ts';
import { filesSchema } from './ingest/files/config.ts';
import { syslogSchema } from './ingest/syslog/config.ts';
import { patternsSchema } from './patterns/config.ts';
import { redactSchema } from './redact/config.ts';

/** What the doors take (Loki's limits, compat LP-3) and what memory they may use. */
export const logsSection = defineSection(
  'logs',
  z
    .strictObject({
      accept_past: duration.prefault('7d'),
      accept_future: duration.prefault('10m'),
      max_line: size.prefault('256KB'),
      max_labels: z.number().int().positive().default(15),
      max_label_name: z.number().int().positive().default(1024),
      max_label_value: z.number().int().positive().default(2048),
      max_metadata: size.prefault('64KB'),
      max_metadata_entries: z.number().int().positive().default(128),
      /** Active streams of a tenant. */
      stream_limit: z.number().int().positive().default(100_000),
      /** Lines that are acknowledged but not in the engine yet, in memory; over it, pushes are told to come again. */
      pending_memory: size.prefault('256MB'),
      /** The newest lines that the engine has, in memory for who asks for the last ones; 0 keeps none. */
      newest_memory: size.prefault('8MB'),
      /** Most lines of one answer. */
      max_entries: z.number().int().positive().default(5000),
      /** What one LogQL query may take (LQ-8). */
      query: z
        .strictObject({
          timeout: duration.prefault('1m'),
          /** Queries that run at once; as many wait, more are refused. */
          max_concurrency: z.number().int().positive().default(8),
          /** Time a query may span, range selectors included. */
          max_length: duration.prefault('721h'),
          /** Queries tailed at once. */
          max_tails: z.number().int().positive().default(10),
          max_series: z.number().int().positive().default(500),
          max_points: z.number().int().positive().default(11_000),
          /** Samples and lines held at once, in units of eight bytes. */
          max_samples: z.number().int().positive().default(20_000_000),
          /** Bytes of lines that are read, not counting what the engine counts itself. */
          max_bytes: size.prefault('20GB'),
        })
        .prefault({}),
      syslog: syslogSchema,
      files: filesSchema,
      redact: redactSchema,
      patterns: patternsSchema,
    })
    .prefault({}),
);

export type LogsConfig = z.output<typeof logsSection.schema>;
