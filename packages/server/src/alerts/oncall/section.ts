import { z } from 'zod';
import { defineSection } from '../../kernel/config/section.ts';

/** Who is on call. Without a file nobody is, and Alertmanager's file alone says who is told. */
export const onCallSection = defineSection(
  'on_call',
  z.strictObject({ config_file: z.string().min(1).optional() }).prefault({}),
  [
    {
      variable: 'PHAROS_ON_CALL_CONFIG',
      path: ['config_file'],
      as: 'string',
      about: 'The file of who is on call: people, schedules, escalation policies.',
    },
  ],
);
