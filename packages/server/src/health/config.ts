import { z } from 'zod';
import { defineSection } from '../kernel/config/section.ts';
import { duration } from '../kernel/config/values.ts';

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
    })
    .prefault({}),
);
