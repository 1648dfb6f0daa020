import { z } from 'zod';
import { defineSection } from '../../kernel/config/section.ts';
import { duration } from '../../kernel/config/values.ts';
import type { LifeRules } from './advance.ts';
import type { CorrelationRules } from './correlation.ts';

/** How alerts become incidents. */
export interface IncidentSettings extends CorrelationRules, LifeRules {
  readonly enabled: boolean;
}

const upToADay = duration.refine((ms) => ms >= 1000 && ms <= 86_400_000, { error: 'must be from 1s to 1d' });

/** Alerts that belong together become one incident. */
export const incidentsSection = defineSection(
  'incidents',
  z
    .strictObject({
      enabled: z.boolean().default(true),
      /** Alerts that begin within it of each other may belong together. */
      window: upToADay.prefault('5m'),
      /** So long after it opened an incident takes what is tied to any of its alerts; later, what is tied to those of until then. */
      spread: upToADay.prefault('15m'),
      /** So many calls apart services may be for their alerts to belong together; 0 for one service alone. */
      hops: z.number().int().min(0).max(2).default(2),
      /** An incident is over so long after its last alert. */
      hold_down: upToADay.prefault('5m'),
      /** An alert that fires again so soon after its incident was over opens that one again. */
      reopen_within: upToADay.prefault('30m'),
    })
    .prefault({})
    .transform(
      ({ enabled, window, spread, hops, hold_down, reopen_within }): IncidentSettings => ({
        enabled,
        windowMs: window,
        spreadMs: spread,
        hops,
        holdDownMs: hold_down,
        reopenMs: reopen_within,
      }),
    ),
  [],
);
