import { z } from 'zod';
import { defineSection } from '../kernel/config/section.ts';
import { duration, size } from '../kernel/config/values.ts';

const project = z.strictObject({
  /** Public keys of its DSN. */
  keys: z.array(z.string().regex(/^[\w-]{1,64}$/, 'expected 1 to 64 letters, digits, - and _')).min(1),
  /** What its events belong to where they name no service. */
  service: z.string().min(1).max(200).optional(),
  tenant: z.string().min(1).max(255).default('default'),
});

/** What the doors of errors take and what is kept of them. */
export const errorsSection = defineSection(
  'errors',
  z
    .strictObject({
      accept_past: duration.prefault('30d'),
      /** Bytes of one event as it comes. */
      max_event: size.prefault('1MB'),
      /** Errors a minute and tenant; what is more is told to come again. */
      rate_limit: z.number().int().positive().default(60_000),
      /** Groups of a tenant; errors beyond them stand in one group. */
      max_groups: z.number().int().positive().default(5000),
      /** Errors that wait for the disk or the engine, in memory; over it, senders are told to come again. */
      pending_memory: size.prefault('64MB'),
      /** Projects of Sentry SDKs by the number at the end of their DSN. Without any, all numbers and keys are taken, where no login is asked. */
      projects: z
        .record(z.string().regex(/^\d{1,18}$/, 'expected the number of a project'), project)
        .default({}),
      source_maps: z
        .strictObject({
          /** Bytes of one map. */
          max_file: size.prefault('20MB'),
          /** Bytes of all maps of a tenant on disk; the oldest give way. */
          max_total: size.prefault('500MB'),
          /** Maps of a tenant; the oldest give way. */
          max_maps: z.number().int().positive().default(5000),
          /** Bytes of the maps that are held ready in memory; one of the largest always may be. */
          memory: size.prefault('32MB'),
        })
        .prefault({}),
    })
    .prefault({}),
);

export type ErrorsConfig = z.output<typeof errorsSection.schema>;
