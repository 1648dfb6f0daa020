import { contains, type TimeInterval } from './interval.ts';
import { wallTimeIn } from './wall-clock.ts';

/** Intervals by the names that routes use; each name stands for any of its intervals. */
export type NamedIntervals = ReadonlyMap<string, readonly TimeInterval[]>;

/** Those of some names that an instant (epoch ms) is in, in the order given. */
export function namesAt(intervals: NamedIntervals, names: readonly string[], at: number): readonly string[] {
  return names.filter((name) =>
    (intervals.get(name) ?? []).some((interval) =>
      contains(interval, wallTimeIn(interval.zone ?? 'UTC', at)),
    ),
  );
}

/** Names of the intervals that keep a route quiet at an instant: those it is muted in, or all those of which it is in none. */
export function quietedBy(
  intervals: NamedIntervals,
  route: { readonly activeTimeIntervals: readonly string[]; readonly muteTimeIntervals: readonly string[] },
  at: number,
): readonly string[] {
  const { activeTimeIntervals: active, muteTimeIntervals: mute } = route;
  const isInactive = active.length > 0 && namesAt(intervals, active, at).length === 0;
  return isInactive ? active : namesAt(intervals, mute, at);
}
