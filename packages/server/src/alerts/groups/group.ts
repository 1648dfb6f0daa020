import { type Alert, type FlushedAlert, isResolvedAt } from '../received/alert.ts';

/** What a group's route says of its timers, in ms. */
export interface GroupTimers {
  /** From the first alert to the first flush. */
  readonly groupWaitMs: number;
  /** From one flush to the next. */
  readonly groupIntervalMs: number;
}

/** A flush that waits for its notifications. */
interface FlushUnderWay {
  /** Alerts it told to have ended, with when we had last heard of them: who fires again meanwhile stays. */
  readonly resolved: ReadonlyMap<string, number>;
}

/**
 * Alerts that are told of together. The timer is named by a number that rises whenever it is set: one that was set before means nothing
 * any more. Timers run on monotonic time, so that a jump of the clock neither delays nor doubles a notification. The alerts themselves are
 * kept by the group's owner ({@link GroupWorld}): of 100,000 of them, one that is heard again must not cost a copy.
 */
export interface GroupState {
  readonly hasFlushed: boolean;
  readonly timer: number;
  /** Epoch ms of the next flush, as far as the clock is right; to be shown. */
  readonly nextFlushAt: number;
  readonly flush: FlushUnderWay | null;
  /** Epoch ms at which the timer went off during a flush: the next one follows at once. */
  readonly missedAt: number | null;
}

/** What a step sees besides its input. */
export interface GroupWorld {
  /** By fingerprint. The owner puts an alert here before it is an input, and takes away what is `forgotten`. */
  readonly alerts: ReadonlyMap<string, Alert>;
  readonly timers: GroupTimers;
  /** Epoch ms. */
  readonly now: number;
}

export type GroupInput =
  /** An alert of the group, new or changed. */
  | { readonly kind: 'alert'; readonly alert: Alert }
  | { readonly kind: 'timer'; readonly timer: number }
  /** The notifications of the flush under way are over; `ok` when all came through, also those that need not be sent. */
  | { readonly kind: 'settled'; readonly ok: boolean }
  /** What it has to tell may change in so many ms: it flushes by then at the latest. */
  | { readonly kind: 'sooner'; readonly afterMs: number }
  /** A look around, every {@link MAINTENANCE_MS}. */
  | { readonly kind: 'maintenance' };

export type GroupEffect =
  /** Sets the timer anew; what was set before is void. */
  | { readonly kind: 'timer'; readonly timer: number; readonly afterMs: number }
  /** Tell of these alerts, in no order, as of `at`; notifications may take that long. */
  | {
      readonly kind: 'flush';
      readonly at: number;
      readonly alerts: readonly FlushedAlert[];
      readonly timeoutMs: number;
    }
  /** These alerts ended and were told of: the group has no more to do with them. */
  | { readonly kind: 'forgotten'; readonly fingerprints: readonly string[] }
  /** The group is over. A later alert makes another one, which waits again. */
  | { readonly kind: 'remove' };

export interface GroupStep {
  readonly state: GroupState;
  readonly effects: readonly GroupEffect[];
}

/** Empty groups are removed on the beat of Alertmanager's dispatcher. */
export const MAINTENANCE_MS = 30_000;
/** Notifications have at least this long, however short the interval is. */
const LEAST_TIMEOUT_MS = 10_000;

/** A group with its first alert. */
export function openGroup(alert: Alert, timers: GroupTimers, now: number): GroupStep {
  const opened: GroupState = {
    hasFlushed: false,
    timer: 1,
    nextFlushAt: now + timers.groupWaitMs,
    flush: null,
    missedAt: null,
  };
  const step = heard(opened, alert, timers, now);
  return {
    state: step.state,
    effects: [{ kind: 'timer', timer: 1, afterMs: timers.groupWaitMs }, ...step.effects],
  };
}

/**
 * What an input makes of a group.
 *
 *     alert         before the first flush, one that fires longer than group_wait flushes at once; else it waits for the timer
 *     timer         flushes, or right after the flush under way; the next one follows group_interval later
 *     settled       alerts that ended are forgotten when all came through, else told of again
 *     sooner        flushes by then, when the timer is set for later
 *     maintenance   an empty group is removed
 */
export function advanceGroup(state: GroupState, input: GroupInput, world: GroupWorld): GroupStep {
  const { alerts, timers, now } = world;
  switch (input.kind) {
    case 'alert':
      return heard(state, input.alert, timers, now);
    case 'timer':
      if (input.timer !== state.timer) return { state, effects: [] };
      return state.flush === null
        ? flushed(state, now, world)
        : { state: { ...state, missedAt: state.missedAt ?? now }, effects: [] };
    case 'settled':
      return settled(state, input.ok, world);
    case 'sooner':
      return state.nextFlushAt <= now + input.afterMs
        ? { state, effects: [] }
        : timed(state, Math.max(0, input.afterMs), now);
    case 'maintenance':
      return alerts.size === 0 && state.flush === null
        ? { state, effects: [{ kind: 'remove' }] }
        : { state, effects: [] };
  }
}

function heard(state: GroupState, alert: Alert, timers: GroupTimers, now: number): GroupStep {
  const canWait = state.hasFlushed || alert.startsAt + timers.groupWaitMs >= now;
  return canWait ? { state, effects: [] } : timed(state, 0, now);
}

function timed(state: GroupState, afterMs: number, now: number): GroupStep {
  const timer = state.timer + 1;
  return {
    state: { ...state, timer, nextFlushAt: now + afterMs },
    effects: [{ kind: 'timer', timer, afterMs }],
  };
}

/** `at` is when the timer went off, which is before `now` after a flush that took long. */
function flushed(before: GroupState, at: number, { alerts: known, timers, now }: GroupWorld): GroupStep {
  const { state, effects } = timed(
    { ...before, hasFlushed: true, missedAt: null },
    timers.groupIntervalMs,
    now,
  );
  if (known.size === 0) return { state, effects };
  const alerts = [...known.values()].map((alert) => ({ ...alert, isResolved: isResolvedAt(alert, now) }));
  const resolved = new Map(
    alerts
      .filter(({ isResolved }) => isResolved)
      .map(({ fingerprint, updatedAt }) => [fingerprint, updatedAt]),
  );
  const timeoutMs = Math.max(timers.groupIntervalMs, LEAST_TIMEOUT_MS);
  return {
    state: { ...state, flush: { resolved } },
    effects: [...effects, { kind: 'flush', at, alerts, timeoutMs }],
  };
}

function settled(before: GroupState, ok: boolean, world: GroupWorld): GroupStep {
  if (before.flush === null) return { state: before, effects: [] };
  const gone = ok
    ? [...before.flush.resolved].flatMap(([fingerprint, updatedAt]) =>
        world.alerts.get(fingerprint)?.updatedAt === updatedAt ? [fingerprint] : [],
      )
    : [];
  const state: GroupState = { ...before, flush: null };
  const effects: readonly GroupEffect[] = gone.length > 0 ? [{ kind: 'forgotten', fingerprints: gone }] : [];
  if (before.missedAt === null) return { state, effects };
  const alerts = new Map(world.alerts);
  for (const fingerprint of gone) alerts.delete(fingerprint);
  const next = flushed(state, before.missedAt, { ...world, alerts });
  return { state: next.state, effects: [...effects, ...next.effects] };
}
