import { z } from 'zod';
import { defineSection } from '../../../kernel/config/section.ts';
import { TRANSLATION_STRATEGIES } from './names.ts';

/** `otlp:` in the configuration file, Prometheus' own syntax. */
export const otlpSection = defineSection(
  'otlp',
  z
    .strictObject({
      translation_strategy: z.enum(TRANSLATION_STRATEGIES).default('UnderscoreEscapingWithSuffixes'),
      /** Resource attributes that become labels of every series, besides job and instance. */
      promote_resource_attributes: z.array(z.string().min(1)).default([]),
      promote_all_resource_attributes: z.boolean().default(false),
      /** Not promoted although all are. */
      ignore_resource_attributes: z.array(z.string().min(1)).default([]),
      /** Keep service.name, service.namespace and service.instance.id in target_info. */
      keep_identifying_resource_attributes: z.boolean().default(false),
      /** Histograms with bounds become native ones with custom buckets. */
      convert_histograms_to_nhcb: z.boolean().default(false),
      /** `otel_scope_name`, `otel_scope_version` and the scope's attributes on every series. */
      promote_scope_metadata: z.boolean().default(false),
    })
    .prefault({}),
);

export type OtlpConfig = ReturnType<(typeof otlpSection)['schema']['parse']>;
