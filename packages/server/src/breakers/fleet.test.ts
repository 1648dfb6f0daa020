import { describe, expect, it } from 'vitest';
import { BreakerFleet, FLEET_LIMITS } from './fleet.ts';
import { ZERO_COUNTS } from './model.ts';
import { reportOf } from './testing/reports.ts';

const T0 = Date.UTC(2026, 0, 1);
const take = (fleet: BreakerFleet, more: Parameters<typeof reportOf>[1] = {}, now = T0) =>
  fleet.report('default', 'order', reportOf({ 'user-client': 'CLOSED' }, more), now);
const statuses = (fleet: BreakerFleet, now: number) =>
  fleet.list('default', now).map(({ instance, status }) => `${instance} ${status}`);
const change = (seq: number, at = T0) => ({
  seq,
  name: 'user-client',
  at,
  from: 'CLOSED' as const,
  to: 'OPEN' as const,
  reason: 'tripped',
  counts: ZERO_COUNTS,
});

describe('BreakerFleet', () => {
  it.each([
    { name: 'reports only, within three beats', asks: false, after: 49_000, expected: 'live' },
    { name: 'reports only, and stopped', asks: false, after: 51_000, expected: 'silent' },
    { name: 'asked for commands, a moment ago', asks: true, after: 19_000, expected: 'live' },
    { name: 'asked for commands, and never again', asks: true, after: 21_000, expected: 'silent' },
  ])('a process that $name is $expected', ({ asks, after, expected }) => {
    const fleet = new BreakerFleet();
    take(fleet, { commands: asks });
    if (asks) {
      fleet.asking('default', 'order', 'host:1', 's1', T0);
      fleet.asked('default', 'order', 'host:1', 's1', T0);
    }
    expect(statuses(fleet, T0 + after)).toEqual([`host:1 ${expected}`]);
  });

  it('keeps who has a question open alive, and brings back who returns', () => {
    const fleet = new BreakerFleet();
    take(fleet);
    fleet.asking('default', 'order', 'host:1', 's1', T0);
    expect(statuses(fleet, T0 + 3_000_000)).toEqual(['host:1 live']);
    fleet.asked('default', 'order', 'host:1', 's1', T0);
    expect(statuses(fleet, T0 + 60_000)).toEqual(['host:1 silent']);
    take(fleet, {}, T0 + 61_000);
    expect(statuses(fleet, T0 + 62_000)).toEqual(['host:1 live']);
    expect(fleet.asking('default', 'order', 'host:1', 'other', T0)).toBeNull();
    expect(fleet.asking('default', 'order', 'ghost', 's1', T0)).toBeNull();
  });

  it('finds out who is gone also when the wall clock was set back', () => {
    const fleet = new BreakerFleet();
    take(fleet);
    const back = T0 - 3_600_000;
    expect(statuses(fleet, back)).toEqual(['host:1 live']);
    expect(statuses(fleet, back + 51_000)).toEqual(['host:1 silent']);
  });

  it('shows who said goodbye as left, and forgets the gone after an hour', () => {
    const fleet = new BreakerFleet();
    take(fleet, { leaving: true });
    expect(statuses(fleet, T0)).toEqual(['host:1 left']);
    fleet.sweep(T0 + FLEET_LIMITS.keepMs + 1);
    expect(fleet.size).toBe(0);
  });

  it('takes each change once, however often it is told, and starts over with a new session', () => {
    const fleet = new BreakerFleet();
    const first = { transitions: [change(1), change(2)] };
    expect(take(fleet, first).length).toBe(2);
    // As long as they are not durable, they are new.
    expect(take(fleet, first).length).toBe(2);
    fleet.stored('default', 'order', reportOf({}, first));
    expect(take(fleet, { transitions: [change(2), change(3)] }).length).toBe(1);
    fleet.stored('default', 'order', reportOf({}, { session: 'other', transitions: [change(9)] }));
    expect(take(fleet, { transitions: [change(3)] }).length).toBe(1);
    expect(take(fleet, { session: 's2', transitions: [change(1)] })[0]).toMatchObject({
      service: 'order',
      instance: 'host:1',
      upstream: 'user',
      to: 'OPEN',
    });
  });

  it('believes a clock that is a little off, never the future, and not one that is wrong', () => {
    const fleet = new BreakerFleet();
    const at = (seq: number, said: number) => take(fleet, { transitions: [change(seq, said)] })[0]?.at;
    expect([at(1, T0 - 5_000), at(2, T0 + 5_000), at(3, 0)]).toEqual([T0 - 5_000, T0, T0]);
  });

  it('keeps the times of changes that it is told of late, and puts right those of a wrong clock', () => {
    const HOUR = 3_600_000;
    const fleet = new BreakerFleet();
    const at = (seq: number, said: number, sentAt: number) =>
      take(fleet, { sent_at: sentAt, transitions: [change(seq, said)] })[0]?.at;
    expect([at(1, T0 - 5 * HOUR, T0), at(2, T0 - 2 * HOUR, T0 + 1000)]).toEqual([
      T0 - 5 * HOUR,
      T0 - 2 * HOUR,
    ]);
    expect([at(3, -2 * HOUR + 50 * HOUR, 50 * HOUR), at(4, T0 + 9 * HOUR, T0 + 9 * HOUR)]).toEqual([
      T0 - 2 * HOUR,
      T0,
    ]);
    expect([at(5, 0, T0), at(6, T0 + 5000, T0)]).toEqual([T0, T0]);
  });

  it('is bounded: the gone give way, the living do not', () => {
    const fleet = new BreakerFleet({ ...FLEET_LIMITS, instances: 2 });
    take(fleet, { instance: 'a', leaving: true });
    take(fleet, { instance: 'b' });
    take(fleet, { instance: 'c' });
    expect(statuses(fleet, T0)).toEqual(['b live', 'c live']);
    expect(() => take(fleet, { instance: 'd' })).toThrow(/2 processes report breakers/);
    take(fleet, { instance: 'b' });
  });

  it('shows a tenant its own', () => {
    const fleet = new BreakerFleet();
    take(fleet);
    expect(fleet.list('blue', T0)).toEqual([]);
  });
});
