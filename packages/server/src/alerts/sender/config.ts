import { z } from 'zod';
import { defineSection } from '../../kernel/config/section.ts';
import { duration } from '../../kernel/config/values.ts';
import { checkHttpClient, httpClientShape, relabelConfigSchema } from '../../metrics/index.ts';

/** In YAML, a key with nothing but comments below it. */
const list = <T extends z.ZodType>(item: T) => z.preprocess((value) => value ?? [], z.array(item));

const alertmanagerSchema = z
  .strictObject({
    scheme: z.enum(['http', 'https']).default('http'),
    path_prefix: z.string().default('/'),
    timeout: duration.prefault('10s'),
    api_version: z.literal('v2', { error: 'only v2 is left of the APIs of Alertmanager' }).default('v2'),
    /** `host:port` each. */
    static_configs: list(
      z.strictObject({
        targets: list(z.string().min(1)),
        labels: z.record(z.string(), z.string()).default({}),
      }),
    ),
    /** Of the Alertmanagers themselves: which of them, and where. */
    relabel_configs: list(relabelConfigSchema),
    alert_relabel_configs: list(relabelConfigSchema),
    ...httpClientShape,
  })
  .superRefine(checkHttpClient);

export type AlertmanagerConfig = z.output<typeof alertmanagerSchema>;

const alertingSchema = z.preprocess(
  (value) => value ?? {},
  z.strictObject({
    alert_relabel_configs: list(relabelConfigSchema),
    alertmanagers: list(alertmanagerSchema),
  }),
);

export type AlertingConfig = z.output<typeof alertingSchema>;

/** Prometheus' `alerting`: the Alertmanagers that alerts of rules are sent to. */
export const alertingSection = { ...defineSection('alerting', alertingSchema), besideFile: true } as const;
