import type { Labels } from '@pharos/promql';

/** `inactive` is an alert that fired and is over, as long as others are told so. */
type AlertState = 'pending' | 'firing' | 'inactive';

/** One alert of a rule. All times are ms since the Unix epoch; null for what has not happened. */
export interface Alert {
  readonly state: AlertState;
  /** Who it is. */
  readonly labels: Labels;
  readonly annotations: ReadonlyMap<string, string>;
  /** Of the rule's query when the condition held last. */
  readonly value: number;
  /** Since when the condition holds. */
  readonly activeAt: number;
  readonly firedAt: number | null;
  readonly resolvedAt: number | null;
  /** When it was handed on last. */
  readonly lastSentAt: number | null;
  /** Until when whoever was told of it takes it for firing without being told again. */
  readonly validUntil: number | null;
  /** Since when the condition does not hold while the alert keeps firing. */
  readonly keepFiringSince: number | null;
  /** An earlier process told of it, and it was not seen here yet. */
  readonly isTakenOver: boolean;
}

/** What an evaluation saw of an alert whose condition holds. */
export interface SeenAlert {
  readonly labels: Labels;
  readonly annotations: ReadonlyMap<string, string>;
  readonly value: number;
}

export interface AlertTimes {
  readonly forMs: number;
  readonly keepFiringForMs: number;
}

/** How long an alert that is over is kept, and told of again and again. */
export const RESOLVED_RETENTION_MS = 15 * 60_000;

/**
 * What one evaluation makes of an alert; undefined when nothing is left of it. `seen` is undefined when the condition does not hold.
 *
 *     before     | condition holds                          | condition does not hold
 *     none       | pending, or firing where `for` is 0      | none
 *     pending    | firing once it has held for `for`        | none
 *     firing     | firing; pending where `for` has grown    | firing for keep_firing_for, then inactive
 *     inactive   | as none: another alert of the same name  | inactive for 15 minutes, then none
 *     taken over | as firing                                | as it is until nobody takes it for firing any more, then none
 */
export function advance(
  known: Alert | undefined,
  seen: SeenAlert | undefined,
  times: AlertTimes,
  at: number,
): Alert | undefined {
  if (seen !== undefined) return held(known, seen, times, at);
  if (known?.isTakenOver === true) return at < (known.validUntil ?? 0) ? known : undefined;
  return known === undefined ? undefined : gone(known, times, at);
}

function held(known: Alert | undefined, seen: SeenAlert, times: AlertTimes, at: number): Alert {
  if (known === undefined || known.state === 'inactive') return ripened(begun(seen, at), times, at);
  const { annotations, value } = seen;
  return ripened({ ...known, annotations, value, keepFiringSince: null, isTakenOver: false }, times, at);
}

function begun({ labels, annotations, value }: SeenAlert, at: number): Alert {
  return {
    state: 'pending',
    labels,
    annotations,
    value,
    activeAt: at,
    firedAt: null,
    resolvedAt: null,
    lastSentAt: null,
    validUntil: null,
    keepFiringSince: null,
    isTakenOver: false,
  };
}

/** Fires when it has been active for long enough; goes back where the rule now asks for longer. */
function ripened(alert: Alert, { forMs }: AlertTimes, at: number): Alert {
  const isRipe = at - alert.activeAt >= forMs;
  if (alert.state === 'pending' && isRipe) return { ...alert, state: 'firing', firedAt: at };
  if (alert.state === 'firing' && !isRipe)
    return { ...alert, state: 'pending', firedAt: null, lastSentAt: null, keepFiringSince: null };
  return alert;
}

function gone(known: Alert, times: AlertTimes, at: number): Alert | undefined {
  if (known.state === 'pending') return undefined;
  if (known.state === 'inactive')
    return known.resolvedAt !== null && at - known.resolvedAt > RESOLVED_RETENTION_MS ? undefined : known;
  if (times.keepFiringForMs > 0) {
    const since = known.keepFiringSince ?? at;
    if (at - since < times.keepFiringForMs) return ripened({ ...known, keepFiringSince: since }, times, at);
  }
  return { ...known, state: 'inactive', resolvedAt: at };
}

/** The same alert on a clock that was put forward or back by so much: how long each thing has lasted stays. */
export function shifted(alert: Alert, byMs: number): Alert {
  const move = (time: number | null): number | null => (time === null ? null : time + byMs);
  return {
    ...alert,
    activeAt: alert.activeAt + byMs,
    firedAt: move(alert.firedAt),
    resolvedAt: move(alert.resolvedAt),
    lastSentAt: move(alert.lastSentAt),
    validUntil: move(alert.validUntil),
    keepFiringSince: move(alert.keepFiringSince),
  };
}

/** Whether the condition holds, or is taken to hold. */
export function isActive({ state }: Alert): boolean {
  return state !== 'inactive';
}
