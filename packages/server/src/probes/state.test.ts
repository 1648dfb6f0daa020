import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, type ProbeState, type ProbeStatus, type StateInput, UNKNOWN } from './state.ts';

const GOOD: StateInput = { kind: 'look', success: true, reason: '', warning: null };
const WARNED: StateInput = { ...GOOD, warning: 'expires' };
const BAD: StateInput = { kind: 'look', success: false, reason: 'refused', warning: null };
const at = (status: ProbeStatus): ProbeState => ({
  ...UNKNOWN,
  status,
  since: 1,
  reason: status === 'unhealthy' ? 'old' : '',
});
const RULES = { retries: 1, recoveries: 1 };

describe('advance', () => {
  it.each<readonly [ProbeStatus, StateInput, ProbeStatus, readonly string[]]>([
    ['unknown', GOOD, 'healthy', ['changed']],
    ['unknown', WARNED, 'degraded', ['changed']],
    ['unknown', BAD, 'unknown', ['retry']],
    ['healthy', GOOD, 'healthy', []],
    ['healthy', WARNED, 'degraded', ['changed']],
    ['healthy', BAD, 'healthy', ['retry']],
    ['degraded', GOOD, 'healthy', ['changed']],
    ['degraded', WARNED, 'degraded', []],
    ['degraded', BAD, 'degraded', ['retry']],
    ['unhealthy', GOOD, 'healthy', ['changed']],
    ['unhealthy', WARNED, 'degraded', ['changed']],
    ['unhealthy', BAD, 'unhealthy', []],
    ['unknown', { kind: 'reset' }, 'unknown', []],
    ['healthy', { kind: 'reset' }, 'unknown', ['changed']],
    ['degraded', { kind: 'reset' }, 'unknown', ['changed']],
    ['unhealthy', { kind: 'reset' }, 'unknown', ['changed']],
  ])('%s with %o is %s', (from, input, to, effects) => {
    const next = advance(at(from), input, RULES, 50);
    expect([next.state.status, next.effects.map(({ kind }) => kind)]).toEqual([to, effects]);
    expect(next.state.since).toBe(effects.includes('changed') ? 50 : 1);
  });

  it('says why, keeps the newest reason, and needs as many failures as it was told', () => {
    let state = at('healthy');
    for (let i = 0; i < 3; i++) state = advance(state, BAD, { retries: 3, recoveries: 1 }, i).state;
    expect([state.status, state.failures]).toEqual(['healthy', 3]);
    const down = advance(state, BAD, { retries: 3, recoveries: 1 }, 9);
    expect(down.effects).toEqual([
      { kind: 'changed', from: 'healthy', to: 'unhealthy', at: 9, reason: 'refused' },
    ]);
    expect(advance(down.state, { ...BAD, reason: 'reset' }, RULES, 10).state.reason).toBe('reset');
  });

  it('never calls a target unhealthy before enough failures in a row, nor well before enough good looks', () => {
    fc.assert(
      fc.property(
        fc.record({ retries: fc.nat(4), recoveries: fc.integer({ min: 1, max: 4 }) }),
        fc.array(fc.boolean(), { maxLength: 60 }),
        (rules, looks) => {
          let state = UNKNOWN;
          let [bad, good] = [0, 0];
          looks.forEach((success, i) => {
            const before = state.status;
            state = advance(state, success ? GOOD : BAD, rules, i).state;
            [bad, good] = success ? [0, good + 1] : [bad + 1, 0];
            if (before !== 'unhealthy' && state.status === 'unhealthy') expect(bad).toBe(rules.retries + 1);
            if (before === 'unhealthy' && state.status !== 'unhealthy') expect(good).toBe(rules.recoveries);
          });
        },
      ),
    );
  });
});
