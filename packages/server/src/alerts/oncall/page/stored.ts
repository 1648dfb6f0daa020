import { z } from 'zod';
import type { StateKind } from '../../../journal/index.ts';
import { labelSet } from '../../labels/label-set.ts';
import { PAGE_EVENTS, type Page } from './page.ts';

const pairs = z.array(z.tuple([z.string(), z.string()]));
const position = z.strictObject({ round: z.number(), level: z.number(), time: z.number() });

const pageSchema = z.strictObject({
  id: z.string(),
  receiver: z.string(),
  group: z.string(),
  route: z.string(),
  groupLabels: pairs,
  notices: z.string().optional(),
  policy: z.string(),
  rule: z.string(),
  openedAt: z.number(),
  phase: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('escalating'), next: z.number(), position: position.nullable() }),
    z.strictObject({
      kind: z.literal('acknowledged'),
      by: z.string(),
      at: z.number(),
      until: z.number().nullable(),
      position,
    }),
    z.strictObject({ kind: z.literal('exhausted') }),
    z.strictObject({ kind: z.literal('ended'), at: z.number() }),
  ]),
  tellings: z.number(),
  /** Pages of older versions have none. */
  reach: z.strictObject({ since: z.number(), isReached: z.boolean(), vain: z.number() }).optional(),
  told: z.array(z.strictObject({ receiver: z.string(), person: z.string().nullable() })),
  fingerprints: z.array(z.string()),
  firing: z.number(),
  labels: pairs,
  annotations: pairs,
  events: z.array(
    z.strictObject({ at: z.number(), what: z.enum(PAGE_EVENTS), by: z.string(), text: z.string() }),
  ),
});
type StoredPage = z.output<typeof pageSchema>;

/** Pages, also those that ended, until their retention is over; by id. */
export const pageKind: StateKind<StoredPage> = { name: 'alerts.page', version: 1, schema: pageSchema };

export function storedPage(page: Page): StoredPage {
  return {
    ...page,
    groupLabels: [...page.groupLabels],
    labels: [...page.labels],
    annotations: [...page.annotations],
    told: [...page.told],
    fingerprints: [...page.fingerprints],
    events: [...page.events],
  };
}

export function pageOf(stored: StoredPage): Page {
  return {
    ...stored,
    // Whether it came to anybody the notification log still knows, when the page is looked at next.
    reach: stored.reach ?? { since: stored.openedAt, isReached: false, vain: 0 },
    groupLabels: labelSet(stored.groupLabels),
    labels: labelSet(stored.labels),
    annotations: labelSet(stored.annotations),
  };
}
