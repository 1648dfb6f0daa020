import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GroupInput, type GroupState, isOlder, stepGroup } from './state.ts';

const OPEN: GroupState = { status: 'open' };
const RESOLVED: GroupState = { status: 'resolved', at: 100, by: 'jo' };
const IGNORED: GroupState = { status: 'ignored', at: 100, by: 'jo' };
const REGRESSED: GroupState = { status: 'regressed', at: 150, release: '' };
const seen = (time: number, release = '', count = 5): GroupInput => ({ kind: 'event', time, release, count });
const resolve: GroupInput = { kind: 'resolve', at: 200, by: 'al' };
const ignore: GroupInput = { kind: 'ignore', at: 200, by: 'al' };
const reopen: GroupInput = { kind: 'reopen', at: 200, by: 'al' };

describe('the state of a group', () => {
  it.each<[string, GroupState, GroupInput, GroupState['status'], string | null]>([
    ['open, event', OPEN, seen(1), 'open', null],
    ['open, tick', OPEN, { kind: 'tick', now: 1 }, 'open', null],
    ['open, resolve', OPEN, resolve, 'resolved', 'resolved'],
    ['open, ignore', OPEN, ignore, 'ignored', 'ignored'],
    ['open, reopen', OPEN, reopen, 'open', null],
    ['resolved, later event', RESOLVED, seen(101), 'regressed', 'regressed'],
    ['resolved, event of before', RESOLVED, seen(100), 'resolved', null],
    ['resolved, tick', RESOLVED, { kind: 'tick', now: 1e9 }, 'resolved', null],
    ['resolved, resolve', RESOLVED, resolve, 'resolved', 'resolved'],
    ['resolved, ignore', RESOLVED, ignore, 'ignored', 'ignored'],
    ['resolved, reopen', RESOLVED, reopen, 'open', 'reopened'],
    [
      'resolved in a release, older one',
      { ...RESOLVED, release: '1.10.0' },
      seen(101, '1.9.9'),
      'resolved',
      null,
    ],
    [
      'resolved in a release, that one',
      { ...RESOLVED, release: '1.10.0' },
      seen(101, '1.10.0'),
      'regressed',
      'regressed',
    ],
    [
      'resolved in a release, newer one',
      { ...RESOLVED, release: '1.10.0' },
      seen(101, 'shop@1.11.0'),
      'regressed',
      'regressed',
    ],
    ['resolved in a release, none', { ...RESOLVED, release: '1.10.0' }, seen(101), 'regressed', 'regressed'],
    ['resolved in the next, known', { ...RESOLVED, after: ['a', 'b'] }, seen(101, 'b'), 'resolved', null],
    [
      'resolved in the next, new',
      { ...RESOLVED, after: ['a', 'b'] },
      seen(101, 'c'),
      'regressed',
      'regressed',
    ],
    ['ignored, event', IGNORED, seen(1e9, '', 1e9), 'ignored', null],
    ['ignored until, before', { ...IGNORED, until: 300 }, seen(299), 'ignored', null],
    ['ignored until, event', { ...IGNORED, until: 300 }, seen(300), 'open', 'unignored'],
    ['ignored until, tick before', { ...IGNORED, until: 300 }, { kind: 'tick', now: 299 }, 'ignored', null],
    ['ignored until, tick', { ...IGNORED, until: 300 }, { kind: 'tick', now: 300 }, 'open', 'unignored'],
    ['ignored by count, below', { ...IGNORED, untilCount: 6 }, seen(1), 'ignored', null],
    ['ignored by count, reached', { ...IGNORED, untilCount: 5 }, seen(1), 'open', 'unignored'],
    ['ignored, tick', IGNORED, { kind: 'tick', now: 1e9 }, 'ignored', null],
    ['ignored, resolve', IGNORED, resolve, 'resolved', 'resolved'],
    ['ignored, ignore', IGNORED, ignore, 'ignored', 'ignored'],
    ['ignored, reopen', IGNORED, reopen, 'open', 'reopened'],
    ['regressed, event', REGRESSED, seen(1e9), 'regressed', null],
    ['regressed, tick', REGRESSED, { kind: 'tick', now: 1e9 }, 'regressed', null],
    ['regressed, resolve', REGRESSED, resolve, 'resolved', 'resolved'],
    ['regressed, ignore', REGRESSED, ignore, 'ignored', 'ignored'],
    ['regressed, reopen', REGRESSED, reopen, 'open', 'reopened'],
  ])('%s', (_what, state, input, status, effect) => {
    const next = stepGroup(state, input);
    expect(next.state.status).toBe(status);
    expect(next.effect).toBe(effect);
    if (effect === null) expect(next.state).toBe(state);
  });

  it('orders releases by their numbers, and never both ways', () => {
    expect(isOlder('1.9.0', '1.10.0')).toBe(true);
    expect(isOlder('v2.0.0-rc.1', '2.0.0')).toBe(true);
    expect(isOlder('shop@1.2', 'shop@1.2.1')).toBe(true);
    expect(isOlder('abc123', '1.0.0')).toBe(false);
    const release = fc.oneof(
      fc.string(),
      fc.tuple(fc.nat(20), fc.nat(20), fc.constantFrom('', '-rc')).map(([a, b, pre]) => `${a}.${b}${pre}`),
    );
    fc.assert(fc.property(release, release, (a, b) => !(isOlder(a, b) && isOlder(b, a))));
  });
});
