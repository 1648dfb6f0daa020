import { z } from 'zod';
import { defineSection } from '../../kernel/config/section.ts';

/** Where alerts go. Without a file they are kept, listed and silenced, and nobody is told. */
export const alertmanagerSection = defineSection(
  'alertmanager',
  z
    .strictObject({
      /** Alertmanager's own configuration, as it is. */
      config_file: z.string().min(1).optional(),
      /** Alerts known at once; new ones beyond are refused with 503. */
      max_alerts: z.number().int().min(1).default(100_000),
    })
    .prefault({}),
  [
    {
      variable: 'PHAROS_ALERTMANAGER_CONFIG',
      path: ['config_file'],
      as: 'string',
      about: "Alertmanager's configuration file: routes, receivers, inhibition, time intervals.",
    },
  ],
);
