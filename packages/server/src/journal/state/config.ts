import { z } from 'zod';

const MIB = 1024 * 1024;

/** Limits of the state store, in bytes of JSON. */
export const stateConfigSchema = z.strictObject({
  limitBytes: z
    .number()
    .int()
    .min(1024)
    .default(64 * MIB)
    .describe('All entries together; they are kept in memory.'),
  entryBytes: z.number().int().min(256).default(MIB).describe('Largest value.'),
  compactBytes: z
    .number()
    .int()
    .min(1024)
    .default(4 * MIB)
    .describe('The log is rewritten as a snapshot once it is this long and four times what is alive.'),
});

export type StateConfig = z.infer<typeof stateConfigSchema>;
