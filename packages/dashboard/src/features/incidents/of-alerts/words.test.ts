import { describe, expect, it } from 'vitest';
import { validateListSearch } from './search.ts';
import { alertWords, isShown, lookOf, lookOfAlert, nameOf, stateWords, urgentFirst } from './words.ts';

describe('an incident in words', () => {
  it.each([
    [{ alerts: 1, firing: 1 }, '1 alert, firing'],
    [{ alerts: 3, firing: 1 }, '3 alerts, 1 firing'],
    [{ alerts: 2, firing: 0 }, '2 alerts, all ended'],
    [{ alerts: 0, firing: 0 }, 'no alerts'],
  ])('%o', (given, expected) => {
    expect(alertWords(given)).toBe(expected);
  });

  it.each([
    ['Hot of order', 'order'],
    ['Hot', ''],
  ])('calls an alert %s', (name, about) => {
    expect(nameOf({ labels: { alertname: 'Hot' }, about })).toBe(name);
  });

  it('shows one alert as loud as it is while it fires', () => {
    expect(lookOfAlert('critical', false)).toBe('unhealthy');
    expect(lookOfAlert('warning', false)).toBe('degraded');
    expect(lookOfAlert('critical', true)).toBe('healthy');
  });

  it('is red while a person is needed alone', () => {
    expect(lookOf({ state: 'open', severity: 'critical', firing: 1 })).toBe('unhealthy');
    expect(lookOf({ state: 'open', severity: 'warning', firing: 1 })).toBe('degraded');
    expect(lookOf({ state: 'open', severity: 'critical', firing: 0 })).toBe('unknown');
    expect(lookOf({ state: 'resolved', severity: 'critical', firing: 1 })).toBe('healthy');
  });

  it('stands first while it is open', () => {
    const states = ['resolved', 'open', 'merged', 'open'] as const;
    const of = (severity: 'critical' | 'high' | 'warning', firing: number) => ({ severity, firing });
    const sorted = urgentFirst(states.map((state, id) => ({ state, id, ...of('critical', 1) })));
    expect(sorted.map(({ id }) => id)).toEqual([1, 3, 0, 2]);
    const open = [of('critical', 0), of('warning', 1), of('critical', 2), of('high', 1)];
    expect(
      urgentFirst(open.map((one, id) => ({ state: 'open' as const, id, ...one }))).map(({ id }) => id),
    ).toEqual([2, 3, 1, 0]);
  });

  it('says where it stands', () => {
    const open = { state: 'open', ended_by: '', merged_into: null, firing: 0 } as const;
    expect(stateWords(open)).toBe('open: quiet, about to be resolved');
    expect(stateWords({ ...open, state: 'resolved', ended_by: 'ada' })).toBe('resolved by ada');
    expect(stateWords({ ...open, state: 'merged', merged_into: '3' })).toBe('merged into #3');
  });
});

it('parts a timeline by what a reader asks', () => {
  expect(['deployment', 'alert', 'note'].map((kind) => isShown(kind, 'what changed'))).toEqual([
    true,
    false,
    false,
  ]);
  expect(isShown('anything', 'all')).toBe(true);
});

it('drops search parameters that mean nothing', () => {
  expect(validateListSearch({ state: 'open', service: 'a', x: 1 })).toEqual({ state: 'open', service: 'a' });
  expect(validateListSearch({ state: 'odd', service: 7 })).toEqual({});
});
