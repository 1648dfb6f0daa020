import { z } from 'zod';

/** Mining of what lines have in common. */
export const patternsSchema = z
  .strictObject({
    enabled: z.boolean().default(true),
    /** Patterns of one service and level. */
    max_per_service: z.number().int().min(10).max(5000).default(300),
    /** Services and levels. */
    max_services: z.number().int().positive().default(500),
    /** Lines a second that are looked at; of more, one stands for several. */
    lines_per_second: z.number().int().positive().default(2000),
  })
  .prefault({});

export type PatternsConfig = z.output<typeof patternsSchema>;
