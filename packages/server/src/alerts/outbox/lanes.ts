import { createHash } from 'node:crypto';
import { isDue, type OutboxItem } from './item.ts';

/** What the StateStore takes as a key, less room for the numbers of an item's parts. */
const MOST_KEY_BYTES = 500;

/** Whose turn it is at an integration. Lanes do not wait for each other: a receiver that hangs delays nobody else's notifications. */
export function laneOf({ receiver, integration }: Pick<OutboxItem, 'receiver' | 'integration'>): string {
  return JSON.stringify([receiver, integration]);
}

/** The key of an item: one per group and integration. Labels may be of any length: of what would be too long its hash stands here. */
export function itemKey({
  group,
  receiver,
  integration,
}: Pick<OutboxItem, 'group' | 'receiver' | 'integration'>): string {
  const whole = JSON.stringify([receiver, integration, group]);
  if (Buffer.byteLength(whole) <= MOST_KEY_BYTES) return whole;
  return `sha256:${createHash('sha256').update(whole).digest('hex')}`;
}

export type LaneState =
  | { readonly kind: 'busy' }
  | { readonly kind: 'empty' }
  /** Nothing is due before then (epoch ms). */
  | { readonly kind: 'later'; readonly at: number }
  | { readonly kind: 'next'; readonly item: OutboxItem };

/**
 * The next of a lane's items: one attempt at a time, and of those that are due the one that was decided first; what was tried already gives way
 * to what was not.
 */
export function nextInLane(items: Iterable<OutboxItem>, now: number): LaneState {
  let next: OutboxItem | undefined;
  let later = Number.POSITIVE_INFINITY;
  for (const item of items) {
    if (item.phase.kind === 'sending') return { kind: 'busy' };
    const { notBefore } = item.phase;
    if (!isDue(notBefore, now)) later = Math.min(later, notBefore);
    else if (next === undefined || isBefore(item, next)) next = item;
  }
  if (next !== undefined) return { kind: 'next', item: next };
  return later === Number.POSITIVE_INFINITY ? { kind: 'empty' } : { kind: 'later', at: later };
}

function isBefore(a: OutboxItem, b: OutboxItem): boolean {
  const [isTried, isOtherTried] = [a.attempts > 0, b.attempts > 0];
  return isTried === isOtherTried ? a.plannedAt < b.plannedAt : isOtherTried;
}
