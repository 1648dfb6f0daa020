import { z } from 'zod';
import { defineSection } from '../../kernel/config/section.ts';
import { duration } from '../../kernel/config/values.ts';
import { maintenanceSchema, matcherTexts, readMatchers } from '../maintenance/schema.ts';

const atLeastOneSecond = duration.refine((ms) => ms >= 1000, { error: 'must be at least 1s' });

/** Ends of these alerts are told when they have ended for that long. */
const damping = z
  .strictObject({
    matchers: matcherTexts,
    hold: atLeastOneSecond.prefault('5m'),
    most: atLeastOneSecond.prefault('1h'),
  })
  .refine(({ hold, most }) => most >= hold, { path: ['most'], error: 'must be at least as long as "hold"' })
  .transform(({ matchers, hold, most }) => ({
    matchers: readMatchers(matchers),
    holdMs: hold,
    mostMs: most,
  }));

/** Where alerts go. Without a file they are kept, listed and silenced, and nobody is told. */
export const alertmanagerSection = defineSection(
  'alertmanager',
  z
    .strictObject({
      /** Alertmanager's own configuration, as it is. */
      config_file: z.string().min(1).optional(),
      /** Alerts known at once; new ones beyond are refused with 503. */
      max_alerts: z.number().int().min(1).default(100_000),
      /** Nobody is told of alerts in one that is open. */
      maintenance: z.array(maintenanceSchema).default([]),
      damping: z.array(damping).default([]),
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
