/**
 * The circuit breaker as a pure function `(state, input, now) -> {state, effects}`.
 *
 *              readyToTrip(counts)                 timeout passed
 *   CLOSED ───────────────────────────> OPEN ───────────────────────> HALF_OPEN
 *     ^  └─ interval passed: counts = 0   ^                               │  │
 *     │                                   └───────── any failure ─────────┘  │
 *     └───────────────── maxRequests consecutive successes ──────────────────┘
 *
 * A command may hold it open or closed, until a time or for good; a hold that ends open goes on with probes (HALF_OPEN).
 *
 * Every state entered, and every interval of CLOSED, is a new *generation*: a result that was admitted
 * under an older one says nothing about this one and is dropped.
 */

export type BreakerStateName = 'CLOSED' | 'HALF_OPEN' | 'OPEN';

/** What a breaker has seen in its current generation. */
export interface Counts {
  readonly requests: number;
  readonly totalSuccesses: number;
  readonly totalFailures: number;
  readonly consecutiveSuccesses: number;
  readonly consecutiveFailures: number;
}

export const ZERO_COUNTS: Counts = Object.freeze({
  requests: 0,
  totalSuccesses: 0,
  totalFailures: 0,
  consecutiveSuccesses: 0,
  consecutiveFailures: 0,
});

interface Generation {
  readonly generation: number;
  readonly counts: Counts;
}

interface Closed extends Generation {
  readonly kind: 'CLOSED';
  /** When the counts start over; null when they never do, or when the breaker is held closed. */
  readonly intervalEndsAt: number | null;
  /** Held closed by command: it never trips. */
  readonly forced: boolean;
  /** When the hold ends by itself; null when it lasts until it is released, or when nothing holds. */
  readonly forcedUntil: number | null;
}

interface Open extends Generation {
  readonly kind: 'OPEN';
  /** When the first probe may pass; null when held open by command. */
  readonly opensUntil: number | null;
  /** When the hold ends by itself; null when it lasts until it is released, or when nothing holds. */
  readonly forcedUntil: number | null;
}

interface HalfOpen extends Generation {
  readonly kind: 'HALF_OPEN';
  /** When probes that never answered are given up, so that hung calls cannot hold the breaker half-open for ever. */
  readonly probesExpireAt: number;
}

export type BreakerState = Closed | Open | HalfOpen;

export type BreakerInput =
  /** A call asks to pass. */
  | { readonly type: 'request' }
  | { readonly type: 'success'; readonly generation: number }
  | { readonly type: 'failure'; readonly generation: number }
  /** The call ended without telling anything about the upstream (its caller gave up). */
  | { readonly type: 'ignored'; readonly generation: number }
  /** Time passed; nothing else happened. */
  | { readonly type: 'tick' }
  | { readonly type: 'reset' }
  /** Holds the breaker until that time, or until it is released or reset when null. */
  | { readonly type: 'force_open'; readonly until: number | null }
  | { readonly type: 'force_closed'; readonly until: number | null }
  /** Ends a hold; nothing without one. */
  | { readonly type: 'release' };

export type ChangeReason =
  | 'tripped'
  | 'timeout_passed'
  | 'probe_failed'
  | 'probes_succeeded'
  | 'reset'
  | 'forced'
  | 'released'
  | 'force_expired';

export type BreakerEffect =
  | { readonly type: 'admitted'; readonly generation: number }
  | {
      readonly type: 'rejected';
      readonly reason: 'open' | 'half_open_full';
      readonly retryAfterMs: number | null;
    }
  | {
      readonly type: 'changed';
      readonly from: BreakerStateName;
      readonly to: BreakerStateName;
      readonly reason: ChangeReason;
      /** What the generation that ended had seen. */
      readonly counts: Counts;
    }
  /** An interval of CLOSED ended without tripping; an adaptive threshold learns from its counts. */
  | { readonly type: 'interval_ended'; readonly counts: Counts };

export interface BreakerRules {
  /** Probes let through in HALF_OPEN, and the consecutive successes that close the breaker; at least 1. */
  readonly maxRequests: number;
  /** Milliseconds after which CLOSED forgets its counts; 0 = never. */
  readonly intervalMs: number;
  /** Milliseconds OPEN lasts before probes are let through. */
  readonly timeoutMs: number;
  /** Asked after each failure in CLOSED. */
  readonly readyToTrip: (counts: Counts) => boolean;
}

export interface Transition {
  readonly state: BreakerState;
  readonly effects: readonly BreakerEffect[];
}

export function initialState(rules: BreakerRules, now: number): Closed {
  return closed(0, rules, now);
}

/** One step. Never throws as long as `readyToTrip` does not; times are milliseconds of one monotonic clock. */
export function step(state: BreakerState, input: BreakerInput, now: number, rules: BreakerRules): Transition {
  const aged = age(state, now, rules);
  const next = apply(aged.state, input, now, rules);
  return { state: next.state, effects: [...aged.effects, ...next.effects] };
}

/** What time alone does: intervals end, OPEN becomes HALF_OPEN, abandoned probes are given up. */
function age(state: BreakerState, now: number, rules: BreakerRules): Transition {
  switch (state.kind) {
    case 'CLOSED':
      if (state.forcedUntil !== null && now >= state.forcedUntil)
        return stay(closed(state.generation + 1, rules, now));
      if (state.intervalEndsAt === null || now < state.intervalEndsAt) return stay(state);
      return {
        state: closed(state.generation + 1, rules, now),
        effects: [{ type: 'interval_ended', counts: state.counts }],
      };
    case 'OPEN':
      if (state.forcedUntil !== null && now >= state.forcedUntil)
        return change(state, halfOpen(state.generation + 1, rules, now), 'force_expired');
      if (state.opensUntil === null || now < state.opensUntil) return stay(state);
      return change(state, halfOpen(state.generation + 1, rules, now), 'timeout_passed');
    case 'HALF_OPEN':
      if (now < state.probesExpireAt || pending(state.counts) === 0) return stay(state);
      return stay(halfOpen(state.generation + 1, rules, now));
  }
}

function apply(state: BreakerState, input: BreakerInput, now: number, rules: BreakerRules): Transition {
  switch (input.type) {
    case 'tick':
      return stay(state);
    case 'reset':
      return change(state, closed(state.generation + 1, rules, now), 'reset');
    case 'force_open':
      return change(state, heldOpen(state.generation + 1, input.until), 'forced');
    case 'force_closed':
      return change(
        state,
        {
          ...closed(state.generation + 1, rules, now),
          intervalEndsAt: null,
          forced: true,
          forcedUntil: input.until,
        },
        'forced',
      );
    case 'release':
      return release(state, now, rules);
    case 'request':
      return request(state, now, rules);
    case 'success':
      return input.generation === state.generation ? success(state, now, rules) : stay(state);
    case 'failure':
      return input.generation === state.generation ? failure(state, now, rules) : stay(state);
    case 'ignored':
      return input.generation === state.generation ? ignored(state) : stay(state);
  }
}

/** What was held open tries the upstream with probes, as after a timeout; what was held closed starts a new interval. */
function release(state: BreakerState, now: number, rules: BreakerRules): Transition {
  if (state.kind === 'OPEN' && state.opensUntil === null)
    return change(state, halfOpen(state.generation + 1, rules, now), 'released');
  if (state.kind === 'CLOSED' && state.forced) return stay(closed(state.generation + 1, rules, now));
  return stay(state);
}

function request(state: BreakerState, now: number, rules: BreakerRules): Transition {
  const admit = (next: BreakerState): Transition => ({
    state: next,
    effects: [{ type: 'admitted', generation: next.generation }],
  });
  const counts = { ...state.counts, requests: state.counts.requests + 1 };
  switch (state.kind) {
    case 'CLOSED':
      return admit({ ...state, counts });
    case 'OPEN': {
      const opensUntil = state.opensUntil ?? state.forcedUntil;
      const retryAfterMs = opensUntil === null ? null : opensUntil - now;
      return { state, effects: [{ type: 'rejected', reason: 'open', retryAfterMs }] };
    }
    case 'HALF_OPEN': {
      if (state.counts.requests < rules.maxRequests)
        return admit({ ...state, counts, probesExpireAt: now + rules.timeoutMs });
      const retryAfterMs = Math.max(0, state.probesExpireAt - now);
      return { state, effects: [{ type: 'rejected', reason: 'half_open_full', retryAfterMs }] };
    }
  }
}

function success(state: BreakerState, now: number, rules: BreakerRules): Transition {
  const counts: Counts = {
    requests: state.counts.requests,
    totalSuccesses: state.counts.totalSuccesses + 1,
    totalFailures: state.counts.totalFailures,
    consecutiveSuccesses: state.counts.consecutiveSuccesses + 1,
    consecutiveFailures: 0,
  };
  const next = { ...state, counts };
  if (state.kind === 'HALF_OPEN' && counts.consecutiveSuccesses >= rules.maxRequests)
    return change(next, closed(state.generation + 1, rules, now), 'probes_succeeded');
  return stay(next);
}

function failure(state: BreakerState, now: number, rules: BreakerRules): Transition {
  const counts: Counts = {
    requests: state.counts.requests,
    totalSuccesses: state.counts.totalSuccesses,
    totalFailures: state.counts.totalFailures + 1,
    consecutiveSuccesses: 0,
    consecutiveFailures: state.counts.consecutiveFailures + 1,
  };
  const next = { ...state, counts };
  if (next.kind === 'HALF_OPEN') return change(next, open(next.generation + 1, rules, now), 'probe_failed');
  if (next.kind === 'CLOSED' && !next.forced && rules.readyToTrip(counts))
    return change(next, open(next.generation + 1, rules, now), 'tripped');
  return stay(next);
}

/** The request is taken back, so that its slot in HALF_OPEN is free again. */
function ignored(state: BreakerState): Transition {
  if (pending(state.counts) === 0) return stay(state);
  return stay({ ...state, counts: { ...state.counts, requests: state.counts.requests - 1 } });
}

function pending(counts: Counts): number {
  return counts.requests - counts.totalSuccesses - counts.totalFailures;
}

function closed(generation: number, rules: BreakerRules, now: number): Closed {
  const intervalEndsAt = rules.intervalMs > 0 ? now + rules.intervalMs : null;
  return {
    kind: 'CLOSED',
    generation,
    counts: ZERO_COUNTS,
    intervalEndsAt,
    forced: false,
    forcedUntil: null,
  };
}

function open(generation: number, rules: BreakerRules, now: number): Open {
  return {
    kind: 'OPEN',
    generation,
    counts: ZERO_COUNTS,
    opensUntil: now + rules.timeoutMs,
    forcedUntil: null,
  };
}

function heldOpen(generation: number, forcedUntil: number | null): Open {
  return { kind: 'OPEN', generation, counts: ZERO_COUNTS, opensUntil: null, forcedUntil };
}

/** Whether a command holds the breaker in its state. */
export function isForced(state: BreakerState): boolean {
  return state.kind === 'CLOSED' ? state.forced : state.kind === 'OPEN' && state.opensUntil === null;
}

/** When the hold ends by itself; null without a hold, and for one without an end. */
export function forcedUntil(state: BreakerState): number | null {
  return state.kind === 'HALF_OPEN' ? null : state.forcedUntil;
}

/** When time alone changes the state's kind or ends its hold; null when it does neither. */
export function changesAt(state: BreakerState): number | null {
  return state.kind === 'OPEN' ? (state.opensUntil ?? state.forcedUntil) : forcedUntil(state);
}

function halfOpen(generation: number, rules: BreakerRules, now: number): HalfOpen {
  return { kind: 'HALF_OPEN', generation, counts: ZERO_COUNTS, probesExpireAt: now + rules.timeoutMs };
}

function stay(state: BreakerState): Transition {
  return { state, effects: [] };
}

/** A reset or a command within the same kind starts a new generation, but is no change of state. */
function change(from: BreakerState, to: BreakerState, reason: ChangeReason): Transition {
  if (from.kind === to.kind) return stay(to);
  return {
    state: to,
    effects: [{ type: 'changed', from: from.kind, to: to.kind, reason, counts: from.counts }],
  };
}
