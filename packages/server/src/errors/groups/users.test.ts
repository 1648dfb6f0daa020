import { describe, expect, it } from 'vitest';
import { UserCount } from './users.ts';

describe('affected users', () => {
  it('are exact up to 200, within 10 % after, and the same after a save', () => {
    const users = new UserCount();
    for (let i = 0; i < 200; i++) for (const _ of [1, 2]) users.add(`user ${i}`);
    users.add('');
    expect([users.count, users.isExact]).toEqual([200, true]);
    expect(UserCount.load(users.save()).count).toBe(200);
    for (let i = 0; i < 20_000; i++) users.add(`user ${i}`);
    expect(users.isExact).toBe(false);
    expect(Math.abs(users.count - 20_000)).toBeLessThan(2_000);
    expect(UserCount.load(users.save()).count).toBe(users.count);
    expect(users.save().length).toBeLessThan(1500);
    expect(UserCount.load('?').count).toBe(0);
  });
});
