import { createHash } from 'node:crypto';

/** Times of evaluation of a group: the same multiples of its interval, moved by an offset of its own, in every process. */
export interface Slots {
  readonly intervalMs: number;
  readonly offsetMs: number;
}

/** The offset follows from who the group is, so that groups spread over the interval and times stay after a restart. */
export function slotsOf(key: string, intervalMs: number): Slots {
  const hash = createHash('md5').update(key, 'utf8').digest().readUIntBE(0, 6);
  return { intervalMs, offsetMs: hash % intervalMs };
}

/** The last time of evaluation up to a moment. All times are ms since the Unix epoch. */
export function slotAt({ intervalMs, offsetMs }: Slots, now: number): number {
  return Math.floor((now - offsetMs) / intervalMs) * intervalMs + offsetMs;
}

export type Turn =
  /** Nothing is due; look again after so many ms. */
  | { readonly kind: 'wait'; readonly ms: number }
  /** Evaluate for this time; so many before it were missed. */
  | { readonly kind: 'evaluate'; readonly at: number; readonly missed: number };

/**
 * What a group does now. `last` is the time it was evaluated for last, or the one before its first. An evaluation that takes longer than
 * the interval is followed at once by the one for the latest time; those between are missed. After the clock was put back,
 * `last` is ahead: the group goes on with the times that are now.
 */
export function turnAt(slots: Slots, last: number, now: number): Turn {
  const at = slotAt(slots, now);
  if (at > last) return { kind: 'evaluate', at, missed: Math.round((at - last) / slots.intervalMs) - 1 };
  if (at < last) return { kind: 'evaluate', at, missed: 0 };
  return { kind: 'wait', ms: Math.max(1, at + slots.intervalMs - now) };
}

/** Clocks drift apart by less than this between two evaluations; more is a jump. In ms. */
const JUMP_MS = 1000;

/** By how many ms the wall clock was put forward (or back, below 0) between two looks at both clocks; 0 for none. */
export function clockJump(
  before: { readonly wall: number; readonly monotonic: number },
  now: { readonly wall: number; readonly monotonic: number },
): number {
  const drift = now.wall - before.wall - (now.monotonic - before.monotonic);
  return Math.abs(drift) < JUMP_MS ? 0 : Math.round(drift);
}
