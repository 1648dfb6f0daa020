/** What was written last of an alert that was active when an earlier process ended: `ALERTS_FOR_STATE`. Times in ms. */
export interface WrittenState {
  /** When it was written. */
  readonly writtenAt: number;
  /** Since when the alert was active. */
  readonly activeAt: number;
}

export interface RestoreRules {
  readonly forMs: number;
  /** How long a restored alert waits at least before it fires, in ms. */
  readonly graceMs: number;
}

/** Whether `for` is long enough that it pays to go on where an earlier process was. */
export function isRestored({ forMs, graceMs }: RestoreRules): boolean {
  return forMs >= graceMs;
}

/**
 * Since when an alert is to be taken for active after a restart, so that the time nobody looked counts for nothing:
 *
 *     it was firing                       | as written: it fires again
 *     it would have fired within grace    | so that it fires when grace is over
 *     otherwise                           | as written, moved by the time nobody looked
 */
export function restoredActiveAt(
  { writtenAt, activeAt }: WrittenState,
  rules: RestoreRules,
  now: number,
): number {
  const remaining = rules.forMs - (writtenAt - activeAt);
  if (remaining <= 0) return activeAt;
  if (remaining < rules.graceMs) return now + rules.graceMs - rules.forMs;
  return activeAt + (now - writtenAt);
}
