import { z } from 'zod';
import { DAYS } from '../../../ui/forms/opening-times.ts';

const head = { name: z.string(), matchers: z.array(z.string()) };
const window = z.union([
  z.object({ ...head, from: z.string(), until: z.string() }),
  z.object({
    ...head,
    days: z.array(z.enum(DAYS)).optional(),
    at: z.string(),
    duration: z.string(),
    time_zone: z.string().optional(),
  }),
]);
export type MaintenanceWindow = z.infer<typeof window>;

/** Times in epoch ms. */
const known = z.object({
  id: z.string(),
  configured: z.boolean(),
  open_until: z.number().nullable(),
  opens_at: z.number().nullable(),
  window,
});
export type KnownWindow = z.infer<typeof known>;
/** Of `POST /api/v1/alerting/maintenance`. */
export const knownSchema = known;
/** Of `GET /api/v1/alerting/maintenance`. */
export const windowsSchema = z.object({ windows: z.array(known) });
