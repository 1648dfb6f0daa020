import { describe, expect, it } from 'vitest';
import type { Breaker, Instance } from './contracts.ts';
import {
  effectInWords,
  filterBreakers,
  instancesInWords,
  scopeInWords,
  validateBreakersSearch,
} from './rows.ts';

const counts = {
  requests: 0,
  total_successes: 0,
  total_failures: 0,
  consecutive_successes: 0,
  consecutive_failures: 0,
};
const instance = (name: string, more: Partial<Instance> = {}): Instance => ({
  instance: name,
  version: '1',
  status: 'live',
  last_seen: 0,
  state: 'CLOSED',
  forced: false,
  forced_until: null,
  last_change: null,
  counts,
  commands: true,
  ...more,
});
const breaker = (instances: Instance[], more: Partial<Breaker> = {}): Breaker => ({
  service: 'order',
  name: 'user-client',
  upstream: 'user',
  kind: 'pharos',
  source: 'channel',
  state: 'CLOSED',
  since: null,
  forced: false,
  forced_until: null,
  counts,
  actions: ['reset'],
  settings: {},
  instances,
  ...more,
});

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
