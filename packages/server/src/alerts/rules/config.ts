import { z } from 'zod';
import { defineSection } from '../../kernel/config/section.ts';
import { duration } from '../../kernel/config/values.ts';
import { READY_ALERTS } from './ready/registry.ts';

/** Prometheus takes a star only in the last part of a path. */
const rulePattern = z
  .string()
  .regex(/^[^*]*(?:\*[^/]*)?$/, { error: 'a * may stand only in the last part of a path' });

/** In YAML, a key with nothing but comments below it is empty. */
const rulePatterns = z.preprocess((value) => value ?? [], z.array(rulePattern));

/** Prometheus' `rule_files`. */
export const ruleFilesSection = {
  ...defineSection('rule_files', rulePatterns),
  besideFile: 'items',
} as const;

/** Loki's rule files: the same form, with expressions in LogQL. */
export const logRuleFilesSection = {
  ...defineSection('log_rule_files', rulePatterns),
  besideFile: 'items',
} as const;

/** How rules are evaluated: what Prometheus has flags for. */
export const rulesSection = defineSection(
  'rules',
  z
    .strictObject({
      /** An alert that keeps firing is handed on again after so long. */
      resend_delay: duration.prefault('1m'),
      /** How long ago an earlier process may have written what is taken over of alerts. */
      for_outage_tolerance: duration.prefault('1h'),
      /** Only alerts with at least this much `for` are taken over, and they wait at least so long before they fire. */
      for_grace_period: duration.prefault('10m'),
      /** The rules that Pharos brings along. */
      ready: z
        .strictObject({
          enabled: z.boolean().prefault(true),
          /** Names of alerts that are left out. */
          without: z
            .array(z.enum(READY_ALERTS, { error: `expected one of ${READY_ALERTS.join(', ')}` }))
            .prefault([]),
        })
        .prefault({}),
    })
    .prefault({}),
);
