import type { LabelSet } from '../labels/label-set.ts';
import { type Alert, isResolvedAt } from './alert.ts';

/**
 * Whether what was heard must be on disk before the sender has its answer. That it still fires, said again every minute, is not:
 * {@link restored} makes up for it.
 */
export function isNews(known: Alert | undefined, heard: Alert, now: number): boolean {
  if (known === undefined || isResolvedAt(heard, now) || isResolvedAt(known, now)) return true;
  return (
    known.startsAt !== heard.startsAt ||
    known.generatorUrl !== heard.generatorUrl ||
    !isSame(known.annotations, heard.annotations)
  );
}

/**
 * An alert after a start. One that fired when it was last written has as long as its sender may take to say so again: nobody could
 * say it while Pharos was down, and silence then is no end.
 */
export function restored(stored: Alert, now: number, graceMs: number): Alert {
  const hadFired = stored.endsAt > stored.updatedAt;
  return hadFired && stored.endsAt < now + graceMs
    ? { ...stored, endsAt: now + graceMs, isTimeout: true }
    : stored;
}

function isSame(a: LabelSet, b: LabelSet): boolean {
  return a.size === b.size && [...a].every(([name, value]) => b.get(name) === value);
}
