import { z } from 'zod';
import type { StateKind } from '../../journal/index.ts';
import type { Silence } from './silence.ts';

const silenceSchema = z.strictObject({
  id: z.string(),
  matchers: z.array(
    z.strictObject({ name: z.string(), op: z.enum(['=', '!=', '=~', '!~']), value: z.string() }),
  ),
  startsAt: z.number(),
  endsAt: z.number(),
  updatedAt: z.number(),
  createdBy: z.string(),
  comment: z.string(),
  annotations: z.array(z.tuple([z.string(), z.string()])),
});
export type StoredSilence = z.output<typeof silenceSchema>;

/** Silences, also those that ended, until their retention is over; by id. */
export const silenceKind: StateKind<StoredSilence> = {
  name: 'alerts.silence',
  version: 1,
  schema: silenceSchema,
};

export function storedSilence(silence: Silence): StoredSilence {
  return {
    ...silence,
    matchers: silence.matchers.map(({ name, op, value }) => ({ name, op, value })),
    annotations: [...silence.annotations],
  };
}

export function silenceOf(stored: StoredSilence): Silence {
  return { ...stored, annotations: new Map(stored.annotations) };
}
