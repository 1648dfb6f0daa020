import { type AlertMatcher, matchesAll } from '../matchers/matcher.ts';
import { type Alert, isResolvedAt } from '../received/alert.ts';

/** Which alerts are damped, and how much. */
export interface DampingRule {
  readonly matchers: readonly AlertMatcher[];
  /** How long an alert must have ended before it is told to have; ms. */
  readonly holdMs: number;
  /** The same at most, ms: it doubles each time the alert fires again. Who stays away for that long begins anew. */
  readonly mostMs: number;
}

/** What is remembered of an alert that ended. */
export interface Flapping {
  /** How often it fired again soon after it had ended. */
  readonly times: number;
  /** Epoch ms of its last end; null while it fires. */
  readonly endedAt: number | null;
}

export interface Damped {
  /** As it is to be kept: one that is held back has its end in the future. */
  readonly alert: Alert;
  readonly flapping: Flapping;
  /** Epoch ms until when its end is held back; null when it is not. */
  readonly heldUntil: number | null;
}

const STEADY: Flapping = { times: 0, endedAt: null };
/** Doubling it more often would lead beyond every limit. */
const MOST_DOUBLINGS = 30;

/** The first rule that an alert matches. */
export function dampingOf(rules: readonly DampingRule[], { labels }: Alert): DampingRule | undefined {
  return rules.find(({ matchers }) => matchesAll(matchers, labels));
}

/**
 * What an alert, as it was just heard of, makes of what is remembered.
 *
 *     fires     soon after its end: it flaps once more; else it begins anew
 *     ended     for less than its hold: kept as if it would end when that is over, so that firing again is no news
 */
export function damped(known: Flapping | undefined, alert: Alert, rule: DampingRule, now: number): Damped {
  const before = known ?? STEADY;
  if (!isResolvedAt(alert, now)) {
    if (before.endedAt === null) return { alert, flapping: before, heldUntil: null };
    const isSoon = now - before.endedAt < rule.mostMs;
    return { alert, flapping: { times: isSoon ? before.times + 1 : 0, endedAt: null }, heldUntil: null };
  }
  const flapping: Flapping = { times: before.times, endedAt: alert.endsAt };
  const hold = Math.min(rule.mostMs, rule.holdMs * 2 ** Math.min(before.times, MOST_DOUBLINGS));
  const heldUntil = alert.endsAt + hold;
  if (heldUntil <= now) return { alert, flapping, heldUntil: null };
  return { alert: { ...alert, endsAt: heldUntil, isTimeout: false }, flapping, heldUntil };
}
