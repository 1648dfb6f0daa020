import { z } from 'zod';
import { row } from './list-contract.ts';

export { type ProbeList, type ProbeRow, type ProbeType, TYPES } from './list-contract.ts';

/** A definition as the form edits it; what is wrong with it only the server says. */
export const definitionSchema = z.record(z.string(), z.unknown());
export type Definition = z.output<typeof definitionSchema>;

export const detailSchema = row.extend({
  definition: definitionSchema,
  version: z.number().nullable(),
  failures: z.array(z.object({ at: z.number(), reason: z.string() })),
  heartbeatPath: z.string().nullable(),
});
export type ProbeDetail = z.output<typeof detailSchema>;

const line = z.array(z.number().nullable());
export const historySchema = z.object({
  step: z.number(),
  start: z.number(),
  uptime: z.number().nullable(),
  up: line,
  duration: line,
  phases: z.record(z.string(), line),
});
export type ProbeHistory = z.output<typeof historySchema>;

export const testSchema = z.object({
  success: z.boolean(),
  reason: z.string(),
  warning: z.string().nullable(),
  duration: z.number(),
  samples: z.array(
    z.object({ name: z.string(), labels: z.record(z.string(), z.string()), value: z.number() }),
  ),
});
export type TestAnswer = z.output<typeof testSchema>;

const whom = { title: z.string(), probes: z.array(z.string()), tags: z.array(z.string()) };
const maintenanceWindow = z.union([
  z.object({ ...whom, from: z.string(), to: z.string() }),
  z.object({
    ...whom,
    days: z.array(z.string()),
    at: z.string(),
    duration: z.string(),
    time_zone: z.string(),
  }),
]);
export type MaintenanceWindow = z.output<typeof maintenanceWindow>;

export const windowsSchema = z.object({
  windows: z.array(
    z.object({
      id: z.string(),
      window: maintenanceWindow,
      version: z.number().nullable(),
      open: z.boolean(),
      configured: z.boolean(),
    }),
  ),
});
export type KnownWindow = z.output<typeof windowsSchema>['windows'][number];
