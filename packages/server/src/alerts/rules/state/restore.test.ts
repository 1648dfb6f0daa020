import { describe, expect, it } from 'vitest';
import { isRestored, restoredActiveAt } from './restore.ts';

const MINUTE = 60_000;
const rules = { forMs: 30 * MINUTE, graceMs: 10 * MINUTE };

describe('restoredActiveAt', () => {
  it.each([
    ['it was firing: as written', { activeAt: 0, writtenAt: 30 * MINUTE }, 40 * MINUTE, 0],
    [
      'it had just begun: moved by the time nobody looked',
      { activeAt: 0, writtenAt: 2 * MINUTE },
      12 * MINUTE,
      10 * MINUTE,
    ],
    ['20 minutes remained: moved', { activeAt: 0, writtenAt: 10 * MINUTE }, 15 * MINUTE, 5 * MINUTE],
    ['10 minutes remained: moved', { activeAt: 0, writtenAt: 20 * MINUTE }, 25 * MINUTE, 5 * MINUTE],
    [
      '5 minutes remained: fires when grace is over',
      { activeAt: 0, writtenAt: 25 * MINUTE },
      40 * MINUTE,
      20 * MINUTE,
    ],
  ])('%s', (_, written, now, activeAt) => {
    expect(restoredActiveAt(written, rules, now)).toBe(activeAt);
  });

  it('makes an alert wait for what remained, and at least for grace', () => {
    const now = 100 * MINUTE;
    for (const [spent, remaining] of [
      [2, 28],
      [19, 11],
      [25, 10],
      [29, 10],
    ] as const) {
      const written = { activeAt: 50 * MINUTE - spent * MINUTE, writtenAt: 50 * MINUTE };
      expect(restoredActiveAt(written, rules, now) + rules.forMs - now).toBe(remaining * MINUTE);
    }
  });
});

it('rules with less `for` than grace wait anew', () => {
  expect([isRestored(rules), isRestored({ ...rules, forMs: 9 * MINUTE })]).toEqual([true, false]);
});
