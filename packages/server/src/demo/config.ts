import { z } from 'zod';
import { defineSection } from '../kernel/config/section.ts';

export const shopSection = defineSection(
  'shop',
  z.strictObject({ controller_url: z.url({ protocol: /^https?$/ }).optional() }).prefault({}),
  [
    {
      variable: 'PHAROS_SHOP_CONTROLLER_URL',
      path: ['controller_url'],
      as: 'string',
      about: "Address of the shop's controller, for its page in the dashboard.",
    },
  ],
);
