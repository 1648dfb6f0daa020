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

/** Rules that Pharos brings along about what a service may suffer from others. */
const SYMPTOMS =
  'alertname=~"ServiceUnhealthy|HighErrorRate|HighSpanErrorRate|LatencyDegraded|LatencyDegradedForFew|BreakerOpen|ErrorBudgetBurn|ErrorBudgetBurnSlow|LogPattern"';
/** Those by which a service fails its callers. */
const CAUSES =
  'alertname=~"ServiceDown|ServiceUnhealthy|TargetDown|ProbeFailed|HighErrorRate|HighSpanErrorRate|LatencyDegraded|LatencyDegradedForFew|EventLoopLag"';

/** Alerts about services that suffer from others are part of the pages about those. */
const folding = z
  .strictObject({
    enabled: z.boolean().default(true),
    symptoms: matcherTexts.prefault([SYMPTOMS]),
    causes: matcherTexts.prefault([CAUSES]),
    /** Calls between the two, at most. */
    hops: z.number().int().min(1).max(10).default(3),
    /** So long an alert waits for the one that explains it, while a service below is unwell. */
    wait: duration.prefault('1m'),
    /** So long after the end of its cause an alert that still fires is told. */
    release: duration.prefault('5m'),
  })
  .prefault({})
  .transform(({ enabled, symptoms, causes, hops, wait, release }) =>
    enabled
      ? {
          symptoms: readMatchers(symptoms),
          causes: readMatchers(causes),
          hops,
          waitMs: wait,
          releaseMs: release,
        }
      : null,
  );

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
      folding,
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
