import { describe, expect, it } from 'vitest';
import { ErrorGroup } from './group.ts';
import { type RoomAsk, roomFor } from './room.ts';

const DAY = 86_400_000;
const NOW = 100 * DAY;

/** A group by what decides: its service, days since its last error, and what people said. */
function group(id: string, service: string, days: number, more: Partial<ErrorGroup> = {}): ErrorGroup {
  const made = new ErrorGroup(id, []);
  made.services.set(service, 1);
  made.lastSeen = NOW - days * DAY;
  return Object.assign(made, more);
}
const ask = (groups: readonly ErrorGroup[], more: Partial<RoomAsk> = {}) => {
  const { gives, because } = roomFor({
    groups,
    spared: new Set(),
    coming: [],
    service: 'a',
    most: 4,
    now: NOW,
    ...more,
  });
  return [gives?.id, because];
};
const resolved = { state: { status: 'resolved', at: NOW, by: '' } } as const;
const ignored = { state: { status: 'ignored', at: NOW, by: '' } } as const;

describe('roomFor', () => {
  const noisy = [0.1, 0.4, 0.3, 0.2].map((days, i) => group(`n${i}`, 'noisy', days));

  it('takes the oldest of who has more than its share, and what is resolved or idle before', () => {
    expect(ask(noisy)).toEqual(['n1', 'share']);
    expect(ask([...noisy.slice(1), group('r', 'noisy', 0, resolved)])).toEqual(['r', 'resolved']);
    expect(ask([...noisy.slice(1), group('i', 'noisy', 2)])).toEqual(['i', 'idle']);
  });

  it('takes of its own from who has its share, or nothing', () => {
    const own = { service: 'noisy' };
    expect(ask(noisy, own)).toEqual([undefined, 'service']);
    expect(ask([...noisy.slice(2), group('a', 'a', 9), group('b', 'a', 9, resolved)], own)).toEqual([
      undefined,
      'service',
    ]);
    expect(ask([...noisy.slice(1), group('i', 'noisy', 2)], own)).toEqual(['i', 'idle']);
    expect(ask(noisy, { coming: ['a', 'a'] })).toEqual([undefined, 'service']);
  });

  it('leaves what people ignore or merged, and takes nothing of who has no more than its share', () => {
    const kept = [group('x', 'noisy', 5, ignored), group('y', 'noisy', 5, { merged: ['z'] })];
    expect(ask([...kept, ...noisy.slice(0, 2)])).toEqual(['n1', 'share']);
    expect(ask([...kept, ...kept])).toEqual([undefined, 'tenant']);
    const many = ['b', 'c', 'd', 'e'].map((service) => group(service, service, 0.5));
    expect(ask(many, { service: 'b' })).toEqual([undefined, 'service']);
    expect(ask(many, { most: 8 })).toEqual([undefined, 'tenant']);
    expect(ask([...many.slice(1), group('b', 'b', 3)], { most: 8 })).toEqual(['b', 'idle']);
  });
});
