import { describe, expect, it } from 'vitest';
import { clockJump, slotAt, slotsOf, turnAt } from './schedule.ts';

const SLOTS = { intervalMs: 60_000, offsetMs: 7_000 };

describe('times of evaluation', () => {
  it('are the same for the same group, and differ between groups', () => {
    expect(slotsOf('a.yml;x', 60_000)).toEqual(slotsOf('a.yml;x', 60_000));
    const offsets = Array.from({ length: 100 }, (_, i) => slotsOf(`a.yml;${i}`, 60_000).offsetMs);
    expect(new Set(offsets).size).toBeGreaterThan(95);
    expect(offsets.every((offset) => offset >= 0 && offset < 60_000)).toBe(true);
  });

  it.each([
    [6_999, -53_000],
    [7_000, 7_000],
    [66_999, 7_000],
    [67_000, 67_000],
  ])('the last one up to %i is %i', (now, at) => {
    expect(slotAt(SLOTS, now)).toBe(at);
  });
});

describe('turnAt', () => {
  it.each([
    ['nothing is due', 7_000, 30_000, { kind: 'wait', ms: 37_000 }],
    ['the timer came a moment early', 7_000, 66_999, { kind: 'wait', ms: 1 }],
    ['the next is due', 7_000, 67_000, { kind: 'evaluate', at: 67_000, missed: 0 }],
    ['a little late', 7_000, 90_000, { kind: 'evaluate', at: 67_000, missed: 0 }],
    [
      'the evaluation before took two and a half intervals',
      7_000,
      157_000,
      { kind: 'evaluate', at: 127_000, missed: 1 },
    ],
    ['the clock was put back', 607_000, 130_000, { kind: 'evaluate', at: 127_000, missed: 0 }],
  ])('%s', (_, last, now, turn) => {
    expect(turnAt(SLOTS, last, now)).toEqual(turn);
  });
});

describe('clockJump', () => {
  it.each([
    ['both went on', 60_000, 60_000, 0],
    ['a little apart', 60_900, 60_000, 0],
    ['put forward', 3_660_000, 60_000, 3_600_000],
    ['put back', -3_540_000, 60_000, -3_600_000],
  ])('%s', (_, wall, monotonic, jump) => {
    expect(clockJump({ wall: 0, monotonic: 0 }, { wall, monotonic })).toBe(jump);
  });
});
