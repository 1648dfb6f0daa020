import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BreakerInput,
  type BreakerRules,
  type BreakerState,
  type Counts,
  initialState,
  step,
  ZERO_COUNTS,
} from './machine.ts';

const RULES: BreakerRules = {
  maxRequests: 2,
  intervalMs: 1_000,
  timeoutMs: 500,
  readyToTrip: (counts) => counts.consecutiveFailures >= 3,
};

const counts = (
  requests: number,
  totalSuccesses: number,
  totalFailures: number,
  consecutiveSuccesses: number,
  consecutiveFailures: number,
): Counts => ({ requests, totalSuccesses, totalFailures, consecutiveSuccesses, consecutiveFailures });

/** Every state the machine can be in, as far as its transitions tell states apart; generation 7, at time 100. */
const STATES = {
  closed: {
    kind: 'CLOSED',
    generation: 7,
    counts: counts(3, 0, 2, 0, 2),
    intervalEndsAt: 1_000,
    forced: false,
    forcedUntil: null,
  },
  'closed, first call': {
    kind: 'CLOSED',
    generation: 7,
    counts: ZERO_COUNTS,
    intervalEndsAt: 1_000,
    forced: false,
    forcedUntil: null,
  },
  'closed, interval over': {
    kind: 'CLOSED',
    generation: 7,
    counts: counts(3, 0, 2, 0, 2),
    intervalEndsAt: 100,
    forced: false,
    forcedUntil: null,
  },
  'held closed': {
    kind: 'CLOSED',
    generation: 7,
    counts: counts(9, 0, 8, 0, 8),
    intervalEndsAt: null,
    forced: true,
    forcedUntil: null,
  },
  open: { kind: 'OPEN', generation: 7, counts: ZERO_COUNTS, opensUntil: 400, forcedUntil: null },
  'open, timeout over': {
    kind: 'OPEN',
    generation: 7,
    counts: ZERO_COUNTS,
    opensUntil: 100,
    forcedUntil: null,
  },
  'held open': { kind: 'OPEN', generation: 7, counts: ZERO_COUNTS, opensUntil: null, forcedUntil: null },
  'held closed, over': {
    kind: 'CLOSED',
    generation: 7,
    counts: counts(9, 0, 8, 0, 8),
    intervalEndsAt: null,
    forced: true,
    forcedUntil: 100,
  },
  'held open for a time': {
    kind: 'OPEN',
    generation: 7,
    counts: ZERO_COUNTS,
    opensUntil: null,
    forcedUntil: 900,
  },
  'held open, over': { kind: 'OPEN', generation: 7, counts: ZERO_COUNTS, opensUntil: null, forcedUntil: 100 },
  'half-open': { kind: 'HALF_OPEN', generation: 7, counts: counts(1, 0, 0, 0, 0), probesExpireAt: 600 },
  'half-open, one to go': {
    kind: 'HALF_OPEN',
    generation: 7,
    counts: counts(2, 1, 0, 1, 0),
    probesExpireAt: 600,
  },
  'half-open, probes expired': {
    kind: 'HALF_OPEN',
    generation: 7,
    counts: counts(2, 1, 0, 1, 0),
    probesExpireAt: 100,
  },
  'half-open, nothing pending': {
    kind: 'HALF_OPEN',
    generation: 7,
    counts: counts(1, 1, 0, 1, 0),
    probesExpireAt: 100,
  },
} satisfies Record<string, BreakerState>;

const INPUTS = {
  request: { type: 'request' },
  success: { type: 'success', generation: 7 },
  failure: { type: 'failure', generation: 7 },
  ignored: { type: 'ignored', generation: 7 },
  'late success': { type: 'success', generation: 6 },
  'late failure': { type: 'failure', generation: 6 },
  tick: { type: 'tick' },
  reset: { type: 'reset' },
  force_open: { type: 'force_open', until: null },
  force_closed: { type: 'force_closed', until: null },
  release: { type: 'release' },
} satisfies Record<string, BreakerInput>;

type Row = Record<keyof typeof INPUTS, string>;

/** state/generation/requests.successes.failures, then the effects. */
function shown(state: BreakerState, input: BreakerInput): string {
  const next = step(state, input, 100, RULES);
  const { requests, totalSuccesses, totalFailures } = next.state.counts;
  const effects = next.effects.map((effect) => {
    if (effect.type === 'changed') return `${effect.from}>${effect.to} ${effect.reason}`;
    if (effect.type === 'rejected') return `rejected ${effect.reason} ${effect.retryAfterMs}`;
    return effect.type;
  });
  return [
    `${next.state.kind}/${next.state.generation}/${requests}.${totalSuccesses}.${totalFailures}`,
    ...effects,
  ].join(' | ');
}

const TABLE: Record<keyof typeof STATES, Row> = {
  closed: {
    request: 'CLOSED/7/4.0.2 | admitted',
    success: 'CLOSED/7/3.1.2',
    failure: 'OPEN/8/0.0.0 | CLOSED>OPEN tripped',
    ignored: 'CLOSED/7/2.0.2',
    'late success': 'CLOSED/7/3.0.2',
    'late failure': 'CLOSED/7/3.0.2',
    tick: 'CLOSED/7/3.0.2',
    reset: 'CLOSED/8/0.0.0',
    force_open: 'OPEN/8/0.0.0 | CLOSED>OPEN forced',
    force_closed: 'CLOSED/8/0.0.0',
    release: 'CLOSED/7/3.0.2',
  },
  'closed, first call': {
    request: 'CLOSED/7/1.0.0 | admitted',
    success: 'CLOSED/7/0.1.0',
    failure: 'CLOSED/7/0.0.1',
    ignored: 'CLOSED/7/0.0.0',
    'late success': 'CLOSED/7/0.0.0',
    'late failure': 'CLOSED/7/0.0.0',
    tick: 'CLOSED/7/0.0.0',
    reset: 'CLOSED/8/0.0.0',
    force_open: 'OPEN/8/0.0.0 | CLOSED>OPEN forced',
    force_closed: 'CLOSED/8/0.0.0',
    release: 'CLOSED/7/0.0.0',
  },
  'closed, interval over': {
    request: 'CLOSED/8/1.0.0 | interval_ended | admitted',
    success: 'CLOSED/8/0.0.0 | interval_ended',
    failure: 'CLOSED/8/0.0.0 | interval_ended',
    ignored: 'CLOSED/8/0.0.0 | interval_ended',
    'late success': 'CLOSED/8/0.0.0 | interval_ended',
    'late failure': 'CLOSED/8/0.0.0 | interval_ended',
    tick: 'CLOSED/8/0.0.0 | interval_ended',
    reset: 'CLOSED/9/0.0.0 | interval_ended',
    force_open: 'OPEN/9/0.0.0 | interval_ended | CLOSED>OPEN forced',
    force_closed: 'CLOSED/9/0.0.0 | interval_ended',
    release: 'CLOSED/8/0.0.0 | interval_ended',
  },
  'held closed': {
    request: 'CLOSED/7/10.0.8 | admitted',
    success: 'CLOSED/7/9.1.8',
    failure: 'CLOSED/7/9.0.9',
    ignored: 'CLOSED/7/8.0.8',
    'late success': 'CLOSED/7/9.0.8',
    'late failure': 'CLOSED/7/9.0.8',
    tick: 'CLOSED/7/9.0.8',
    reset: 'CLOSED/8/0.0.0',
    force_open: 'OPEN/8/0.0.0 | CLOSED>OPEN forced',
    force_closed: 'CLOSED/8/0.0.0',
    release: 'CLOSED/8/0.0.0',
  },
  open: {
    request: 'OPEN/7/0.0.0 | rejected open 300',
    success: 'OPEN/7/0.1.0',
    failure: 'OPEN/7/0.0.1',
    ignored: 'OPEN/7/0.0.0',
    'late success': 'OPEN/7/0.0.0',
    'late failure': 'OPEN/7/0.0.0',
    tick: 'OPEN/7/0.0.0',
    reset: 'CLOSED/8/0.0.0 | OPEN>CLOSED reset',
    force_open: 'OPEN/8/0.0.0',
    force_closed: 'CLOSED/8/0.0.0 | OPEN>CLOSED forced',
    release: 'OPEN/7/0.0.0',
  },
  'open, timeout over': {
    request: 'HALF_OPEN/8/1.0.0 | OPEN>HALF_OPEN timeout_passed | admitted',
    success: 'HALF_OPEN/8/0.0.0 | OPEN>HALF_OPEN timeout_passed',
    failure: 'HALF_OPEN/8/0.0.0 | OPEN>HALF_OPEN timeout_passed',
    ignored: 'HALF_OPEN/8/0.0.0 | OPEN>HALF_OPEN timeout_passed',
    'late success': 'HALF_OPEN/8/0.0.0 | OPEN>HALF_OPEN timeout_passed',
    'late failure': 'HALF_OPEN/8/0.0.0 | OPEN>HALF_OPEN timeout_passed',
    tick: 'HALF_OPEN/8/0.0.0 | OPEN>HALF_OPEN timeout_passed',
    reset: 'CLOSED/9/0.0.0 | OPEN>HALF_OPEN timeout_passed | HALF_OPEN>CLOSED reset',
    force_open: 'OPEN/9/0.0.0 | OPEN>HALF_OPEN timeout_passed | HALF_OPEN>OPEN forced',
    force_closed: 'CLOSED/9/0.0.0 | OPEN>HALF_OPEN timeout_passed | HALF_OPEN>CLOSED forced',
    release: 'HALF_OPEN/8/0.0.0 | OPEN>HALF_OPEN timeout_passed',
  },
  'held open': {
    request: 'OPEN/7/0.0.0 | rejected open null',
    success: 'OPEN/7/0.1.0',
    failure: 'OPEN/7/0.0.1',
    ignored: 'OPEN/7/0.0.0',
    'late success': 'OPEN/7/0.0.0',
    'late failure': 'OPEN/7/0.0.0',
    tick: 'OPEN/7/0.0.0',
    reset: 'CLOSED/8/0.0.0 | OPEN>CLOSED reset',
    force_open: 'OPEN/8/0.0.0',
    force_closed: 'CLOSED/8/0.0.0 | OPEN>CLOSED forced',
    release: 'HALF_OPEN/8/0.0.0 | OPEN>HALF_OPEN released',
  },
  'half-open': {
    request: 'HALF_OPEN/7/2.0.0 | admitted',
    success: 'HALF_OPEN/7/1.1.0',
    failure: 'OPEN/8/0.0.0 | HALF_OPEN>OPEN probe_failed',
    ignored: 'HALF_OPEN/7/0.0.0',
    'late success': 'HALF_OPEN/7/1.0.0',
    'late failure': 'HALF_OPEN/7/1.0.0',
    tick: 'HALF_OPEN/7/1.0.0',
    reset: 'CLOSED/8/0.0.0 | HALF_OPEN>CLOSED reset',
    force_open: 'OPEN/8/0.0.0 | HALF_OPEN>OPEN forced',
    force_closed: 'CLOSED/8/0.0.0 | HALF_OPEN>CLOSED forced',
    release: 'HALF_OPEN/7/1.0.0',
  },
  'half-open, one to go': {
    request: 'HALF_OPEN/7/2.1.0 | rejected half_open_full 500',
    success: 'CLOSED/8/0.0.0 | HALF_OPEN>CLOSED probes_succeeded',
    failure: 'OPEN/8/0.0.0 | HALF_OPEN>OPEN probe_failed',
    ignored: 'HALF_OPEN/7/1.1.0',
    'late success': 'HALF_OPEN/7/2.1.0',
    'late failure': 'HALF_OPEN/7/2.1.0',
    tick: 'HALF_OPEN/7/2.1.0',
    reset: 'CLOSED/8/0.0.0 | HALF_OPEN>CLOSED reset',
    force_open: 'OPEN/8/0.0.0 | HALF_OPEN>OPEN forced',
    force_closed: 'CLOSED/8/0.0.0 | HALF_OPEN>CLOSED forced',
    release: 'HALF_OPEN/7/2.1.0',
  },
  'half-open, probes expired': {
    request: 'HALF_OPEN/8/1.0.0 | admitted',
    success: 'HALF_OPEN/8/0.0.0',
    failure: 'HALF_OPEN/8/0.0.0',
    ignored: 'HALF_OPEN/8/0.0.0',
    'late success': 'HALF_OPEN/8/0.0.0',
    'late failure': 'HALF_OPEN/8/0.0.0',
    tick: 'HALF_OPEN/8/0.0.0',
    reset: 'CLOSED/9/0.0.0 | HALF_OPEN>CLOSED reset',
    force_open: 'OPEN/9/0.0.0 | HALF_OPEN>OPEN forced',
    force_closed: 'CLOSED/9/0.0.0 | HALF_OPEN>CLOSED forced',
    release: 'HALF_OPEN/8/0.0.0',
  },
  'half-open, nothing pending': {
    request: 'HALF_OPEN/7/2.1.0 | admitted',
    success: 'CLOSED/8/0.0.0 | HALF_OPEN>CLOSED probes_succeeded',
    failure: 'OPEN/8/0.0.0 | HALF_OPEN>OPEN probe_failed',
    ignored: 'HALF_OPEN/7/1.1.0',
    'late success': 'HALF_OPEN/7/1.1.0',
    'late failure': 'HALF_OPEN/7/1.1.0',
    tick: 'HALF_OPEN/7/1.1.0',
    reset: 'CLOSED/8/0.0.0 | HALF_OPEN>CLOSED reset',
    force_open: 'OPEN/8/0.0.0 | HALF_OPEN>OPEN forced',
    force_closed: 'CLOSED/8/0.0.0 | HALF_OPEN>CLOSED forced',
    release: 'HALF_OPEN/7/1.1.0',
  },
  'held closed, over': {
    request: 'CLOSED/8/1.0.0 | admitted',
    success: 'CLOSED/8/0.0.0',
    failure: 'CLOSED/8/0.0.0',
    ignored: 'CLOSED/8/0.0.0',
    'late success': 'CLOSED/8/0.0.0',
    'late failure': 'CLOSED/8/0.0.0',
    tick: 'CLOSED/8/0.0.0',
    reset: 'CLOSED/9/0.0.0',
    force_open: 'OPEN/9/0.0.0 | CLOSED>OPEN forced',
    force_closed: 'CLOSED/9/0.0.0',
    release: 'CLOSED/8/0.0.0',
  },
  'held open for a time': {
    request: 'OPEN/7/0.0.0 | rejected open 800',
    success: 'OPEN/7/0.1.0',
    failure: 'OPEN/7/0.0.1',
    ignored: 'OPEN/7/0.0.0',
    'late success': 'OPEN/7/0.0.0',
    'late failure': 'OPEN/7/0.0.0',
    tick: 'OPEN/7/0.0.0',
    reset: 'CLOSED/8/0.0.0 | OPEN>CLOSED reset',
    force_open: 'OPEN/8/0.0.0',
    force_closed: 'CLOSED/8/0.0.0 | OPEN>CLOSED forced',
    release: 'HALF_OPEN/8/0.0.0 | OPEN>HALF_OPEN released',
  },
  'held open, over': {
    request: 'HALF_OPEN/8/1.0.0 | OPEN>HALF_OPEN force_expired | admitted',
    success: 'HALF_OPEN/8/0.0.0 | OPEN>HALF_OPEN force_expired',
    failure: 'HALF_OPEN/8/0.0.0 | OPEN>HALF_OPEN force_expired',
    ignored: 'HALF_OPEN/8/0.0.0 | OPEN>HALF_OPEN force_expired',
    'late success': 'HALF_OPEN/8/0.0.0 | OPEN>HALF_OPEN force_expired',
    'late failure': 'HALF_OPEN/8/0.0.0 | OPEN>HALF_OPEN force_expired',
    tick: 'HALF_OPEN/8/0.0.0 | OPEN>HALF_OPEN force_expired',
    reset: 'CLOSED/9/0.0.0 | OPEN>HALF_OPEN force_expired | HALF_OPEN>CLOSED reset',
    force_open: 'OPEN/9/0.0.0 | OPEN>HALF_OPEN force_expired | HALF_OPEN>OPEN forced',
    force_closed: 'CLOSED/9/0.0.0 | OPEN>HALF_OPEN force_expired | HALF_OPEN>CLOSED forced',
    release: 'HALF_OPEN/8/0.0.0 | OPEN>HALF_OPEN force_expired',
  },
};

describe('transition table', () => {
  const rows = Object.entries(TABLE).flatMap(([state, row]) =>
    Object.entries(row).map(([input, expected]) => ({ state, input, expected })),
  );
  it.each(rows)('$state + $input', ({ state, input, expected }) => {
    expect(shown(STATES[state as keyof typeof STATES], INPUTS[input as keyof typeof INPUTS])).toBe(expected);
  });
});

type Command =
  | { readonly type: 'start' }
  | { readonly type: 'finish'; readonly pick: number; readonly outcome: 'success' | 'failure' | 'ignored' }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'end'; readonly action: 'reset' | 'release' }
  | { readonly type: 'hold'; readonly action: 'force_open' | 'force_closed'; readonly ms: number | null };

const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<Command>({ type: 'start' }) },
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant('finish' as const),
        pick: fc.nat(50),
        outcome: fc.constantFrom('success', 'failure', 'failure', 'ignored'),
      }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.nat(700) }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Command>(
        { type: 'end', action: 'reset' },
        { type: 'end', action: 'release' },
        { type: 'hold', action: 'force_open', ms: null },
        { type: 'hold', action: 'force_open', ms: 300 },
        { type: 'hold', action: 'force_closed', ms: null },
        { type: 'hold', action: 'force_closed', ms: 300 },
      ),
    },
  ),
  { maxLength: 120 },
);

/** Replays commands and keeps what an outside observer knows: which calls are on their way, under which generation. */
function replay(
  list: readonly Command[],
  look: (
    before: BreakerState,
    after: BreakerState,
    input: BreakerInput,
    now: number,
    admitted: boolean,
  ) => void,
): void {
  let now = 0;
  let state: BreakerState = initialState(RULES, now);
  const running: number[] = [];
  const apply = (input: BreakerInput): void => {
    const before = state;
    const { state: after, effects } = step(before, input, now, RULES);
    const admission = effects.find((effect) => effect.type === 'admitted');
    if (admission?.type === 'admitted') running.push(admission.generation);
    state = after;
    look(before, after, input, now, admission !== undefined);
  };
  for (const command of list) {
    if (command.type === 'wait') now += command.ms;
    else if (command.type === 'start') apply({ type: 'request' });
    else if (command.type === 'finish') {
      if (running.length === 0) continue;
      const [generation = 0] = running.splice(command.pick % running.length, 1);
      apply({ type: command.outcome, generation });
    } else if (command.type === 'end') apply({ type: command.action });
    else apply({ type: command.action, until: command.ms === null ? null : now + command.ms });
  }
}

describe('properties', () => {
  it('counts stay consistent and generations only rise', () => {
    fc.assert(
      fc.property(commands, (list) => {
        replay(list, (before, after) => {
          const c = after.counts;
          expect(Math.min(...Object.values(c))).toBeGreaterThanOrEqual(0);
          expect(c.totalSuccesses + c.totalFailures).toBeLessThanOrEqual(c.requests);
          expect(c.consecutiveSuccesses).toBeLessThanOrEqual(c.totalSuccesses);
          expect(c.consecutiveFailures).toBeLessThanOrEqual(c.totalFailures);
          expect(Math.min(c.consecutiveSuccesses, c.consecutiveFailures)).toBe(0);
          expect(after.generation).toBeGreaterThanOrEqual(before.generation);
          if (after.kind !== before.kind) expect(after.generation).toBeGreaterThan(before.generation);
        });
      }),
    );
  });

  it('lets nothing through while open, and never more than maxRequests per half-open generation', () => {
    fc.assert(
      fc.property(commands, (list) => {
        replay(list, (_before, after, input, _now, admitted) => {
          if (after.kind === 'OPEN') expect(admitted).toBe(false);
          if (after.kind === 'HALF_OPEN')
            expect(after.counts.requests).toBeLessThanOrEqual(RULES.maxRequests);
          if (after.kind === 'CLOSED' && input.type === 'request') expect(admitted).toBe(true);
        });
      }),
    );
  });

  it('agrees with a model that keeps the list of outcomes', () => {
    fc.assert(
      fc.property(commands, (list) => {
        let outcomes: boolean[] = [];
        let generation = 0;
        replay(list, (_before, after, input) => {
          if (after.generation !== generation) {
            generation = after.generation;
            outcomes = [];
            return;
          }
          const counted =
            (input.type === 'success' || input.type === 'failure') && input.generation === generation;
          if (counted) outcomes.push(input.type === 'success');
          const failures = outcomes.filter((ok) => !ok).length;
          const lastSuccess = outcomes.lastIndexOf(true);
          expect(after.counts.totalFailures).toBe(failures);
          expect(after.counts.totalSuccesses).toBe(outcomes.length - failures);
          expect(after.counts.consecutiveFailures).toBe(outcomes.length - 1 - lastSuccess);
        });
      }),
    );
  });

  it('is never stuck: with time, a breaker that is not held for good lets a call through again', () => {
    fc.assert(
      fc.property(commands, (list) => {
        let last = initialState(RULES, 0) as BreakerState;
        let at = 0;
        replay(list, (_before, after, _input, now) => {
          last = after;
          at = now;
        });
        fc.pre(!(last.kind === 'OPEN' && last.opensUntil === null && last.forcedUntil === null));
        const { effects } = step(last, { type: 'request' }, at + RULES.timeoutMs, RULES);
        expect(effects.at(-1)?.type).toBe('admitted');
      }),
    );
  });
});
