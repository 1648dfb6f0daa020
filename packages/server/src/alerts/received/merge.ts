import { type Alert, isResolvedAt } from './alert.ts';

/** What is known of an alert after it was heard of again: one span where the two touch, else the newer one alone. */
export function heardAgain(known: Alert, heard: Alert, now: number): Alert {
  const endsWithin = heard.endsAt > known.startsAt && heard.endsAt < known.endsAt;
  const startsWithin = heard.startsAt > known.startsAt && heard.startsAt < known.endsAt;
  return endsWithin || startsWithin ? merged(known, heard, now) : heard;
}

/** The newer one, from the earliest start; an end that was only assumed gives way, one that was said stays. */
function merged(known: Alert, heard: Alert, now: number): Alert {
  if (heard.updatedAt < known.updatedAt) return merged(heard, known, now);
  const startsAt = Math.min(known.startsAt, heard.startsAt);
  const isKnownLater = known.endsAt > heard.endsAt;
  const keepsEnd = isResolvedAt(heard, now)
    ? isResolvedAt(known, now) && isKnownLater
    : isKnownLater && !known.isTimeout;
  return { ...heard, startsAt, endsAt: keepsEnd ? known.endsAt : heard.endsAt };
}
