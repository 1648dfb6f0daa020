import { z } from 'zod';
import { type EngineErrorName, isEngineErrorName } from '../errors.ts';
import type { Report } from './reports.ts';

const failure = z.object({
  name: z.custom<EngineErrorName>(isEngineErrorName),
  message: z.string(),
  code: z.number().optional(),
  isBusy: z.boolean().optional(),
  hint: z.string().optional(),
  retryAfterSeconds: z.number().optional(),
});

/** What the engine process may say. */
export const reportSchema: z.ZodType<Report> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('opened') }),
  z.object({ type: z.literal('failed'), failure }),
  z.object({ type: z.literal('result'), id: z.number() }),
  z.object({ type: z.literal('error'), id: z.number(), failure }),
  z.object({ type: z.literal('beat'), discarded: z.number(), anonymousBytes: z.number() }),
]);
