import { z } from 'zod';
import { defineSection } from '../kernel/config/section.ts';
import { moduleSchema } from './blackbox/config.ts';
import { probeDefinition } from './definition.ts';
import { maintenanceWindow } from './maintenance.ts';

/** `probes:` in the configuration file. */
export const probesSection = defineSection(
  'probes',
  z
    .strictObject({
      /** Looks under way at once; more wait. */
      concurrency: z.number().int().min(1).max(20_000).default(1000),
      checks: z
        .array(probeDefinition)
        .superRefine((checks, context) => {
          const names = new Set<string>();
          checks.forEach(({ name }, i) => {
            if (names.has(name))
              context.addIssue({
                code: 'custom',
                path: [i, 'name'],
                message: `"${name}" is used twice; give each its own name`,
              });
            names.add(name);
          });
        })
        .default([]),
      maintenance: z.array(maintenanceWindow).default([]),
    })
    .prefault({}),
);

/** `modules:` in the configuration file, as blackbox_exporter's own file has it: for `/probe`. */
export const modulesSection = defineSection('modules', z.record(z.string().min(1), moduleSchema).default({}));
