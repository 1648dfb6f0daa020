import { z } from 'zod';
import { defineSection } from '../kernel/config/section.ts';
import { duration, size } from '../kernel/config/values.ts';

/** What the doors take and what memory they may use. */
export const tracesSection = defineSection(
  'traces',
  z
    .strictObject({
      accept_past: duration.prefault('7d'),
      accept_future: duration.prefault('10m'),
      /** Bytes of one span: its names, attributes, events and links. */
      max_span: size.prefault('1MB'),
      max_attributes: z.number().int().positive().default(1000),
      /** Resources with scopes of a tenant that send spans now. */
      source_limit: z.number().int().positive().default(100_000),
      /** Memory of them, of all tenants: over it what sent nothing for five minutes is forgotten, then new ones are refused. */
      source_memory: size.prefault('64MB'),
      /** Operations of a service and day that are listed; spans of further ones are stored all the same. */
      operation_limit: z.number().int().positive().default(5000),
      /** Spans that are acknowledged but not in the engine yet, in memory; over it, senders are told to come again. */
      pending_memory: size.prefault('256MB'),
      /** Whether requests, errors and durations of spans become metrics. */
      span_metrics: z.boolean().default(true),
      /** Names with kinds and statuses of a service that are counted apart, each in 20 series; further ones count together. */
      span_metrics_limit: z.number().int().positive().default(300),
      /** Edges between services of a tenant that are counted apart, each in 21 series; further ones count together. */
      edge_metrics_limit: z.number().int().positive().default(500),
      /** Most spans that an answer holds: whole traces as far as they fit, the newest first. */
      max_trace_spans: z.number().int().positive().default(150_000),
      /** Most traces of one answer. */
      max_traces: z.number().int().positive().default(1500),
      /** What questions over traces may take. */
      query: z
        .strictObject({
          timeout: duration.prefault('1m'),
          /** Answers that are made or sent at once; four times as many wait, more are refused. */
          max_concurrency: z.number().int().positive().default(8),
          /** Of the spans that all of them hold. */
          memory: size.prefault('512MB'),
        })
        .prefault({}),
    })
    .prefault({}),
);

export type TracesConfig = z.output<typeof tracesSection.schema>;
