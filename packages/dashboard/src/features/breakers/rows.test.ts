import { describe, expect, it } from 'vitest';
import {
  effectInWords,
  filterBreakers,
  instancesInWords,
  scopeInWords,
  validateBreakersSearch,
} from './rows.ts';
import { breaker, instance } from './testing.ts';

describe('rows of breakers', () => {
  it.each([
    [breaker([instance('a'), instance('b')]), '2 closed'],
    [breaker([instance('a', { state: 'OPEN' }), instance('b')], { state: 'OPEN' }), '1 of 2 open'],
    [breaker([instance('a'), instance('b', { status: 'left' })]), '1 closed, 1 gone'],
    [breaker([instance('a', { status: 'silent' })]), '1 gone'],
  ])('%#: instances in words', (row, words) => expect(instancesInWords(row)).toBe(words));

  it('are found by every word, and by state', () => {
    const rows = [breaker([instance('host:1')]), breaker([], { service: 'auth', state: 'OPEN' })];
    const found = (search: object) => filterBreakers(rows, search).map(({ service }) => service);
    expect([
      found({ q: 'ORDER host:1' }),
      found({ q: 'user' }),
      found({ is: 'OPEN' }),
      found({ q: 'x' }),
    ]).toEqual([['order'], ['order', 'auth'], ['auth'], []]);
  });

  it('say what a command will do to how many', () => {
    const row = breaker([
      instance('a'),
      instance('b', { commands: false }),
      instance('c', { status: 'left' }),
    ]);
    expect(effectInWords(row, 'force_open', null, 900_000)).toMatch(
      /^Hold open user-client on 1 of 2 instances of order, for 15.*then it ends by itself\. It lets no call through/,
    );
    expect(effectInWords(row, 'reset', 'b', null)).toMatch(/^Reset user-client on 0 of 2/);
  });

  it('name what a command was given to', () => {
    const given = {
      id: '1',
      action: 'reset',
      at: 0,
      until: 0,
      active: false,
      by: '',
      reason: '',
      targets: 1,
      applied: 1,
    } as const;
    const none = { service: null, breaker: null, instance: null, upstream: null };
    expect(scopeInWords({ ...given, ...none, upstream: 'user' })).toBe('every breaker before user');
    expect(scopeInWords({ ...given, ...none, service: 'order', breaker: 'x', instance: 'a' })).toBe(
      'x of order on a',
    );
  });

  it('drop what a bad link says', () => {
    expect(validateBreakersSearch({ q: 7, is: 'BROKEN', x: 1 })).toEqual({});
    expect(validateBreakersSearch({ q: 'a', is: 'OPEN' })).toEqual({ q: 'a', is: 'OPEN' });
  });
});
