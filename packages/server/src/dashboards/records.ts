import { z } from 'zod';
import type { StateKind } from '../journal/index.ts';
import { dashboard } from './model.ts';

/** One saved state of a dashboard. `version` counts up from 1; `by` is empty when nobody was logged in. */
const saved = z.strictObject({
  version: z.number().int().min(1),
  savedAt: z.number(),
  savedBy: z.string(),
  message: z.string(),
  dashboard,
});
export type Saved = z.output<typeof saved>;

const current = saved.extend({ createdAt: z.number(), createdBy: z.string() });
export type Current = z.output<typeof current>;

/** The present state of each dashboard, by uid. */
export const currentKind: StateKind<Current> = { name: 'dashboards.dashboard', version: 1, schema: current };
/** Every kept state, by `<uid>/<version>`. */
export const versionKind: StateKind<Saved> = { name: 'dashboards.version', version: 1, schema: saved };
/** A person's favourites, by `<user>/<uid>`. */
export const starKind: StateKind<true> = { name: 'dashboards.star', version: 1, schema: z.literal(true) };

/** Zero-padded, so that key order is version order. */
export function versionKey(uid: string, version: number): string {
  return `${uid}/${String(version).padStart(9, '0')}`;
}
