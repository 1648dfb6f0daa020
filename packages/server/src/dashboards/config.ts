import { z } from 'zod';
import { defineSection } from '../kernel/config/section.ts';

/** How much of their past dashboards keep. */
export const dashboardsSection = defineSection(
  'dashboards',
  z
    .strictObject({
      /** Newest versions kept per dashboard, the present one included. */
      versions_kept: z.number().int().min(1).max(200).default(20),
    })
    .prefault({}),
  [
    {
      variable: 'PHAROS_DASHBOARD_VERSIONS',
      path: ['versions_kept'],
      as: 'number',
      about: 'Versions kept of each dashboard (20).',
    },
  ],
);
