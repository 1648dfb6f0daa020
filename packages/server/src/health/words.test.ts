import { expect, it } from 'vitest';
import { durationWords, percentWords, uptimeWords } from './words.ts';

it('writes shares, uptimes and durations', () => {
  expect([0, 0.002, 0.9876, 1].map(percentWords)).toEqual(['0.0%', '0.2%', '98.8%', '100.0%']);
  expect(uptimeWords(((2 * 24 + 14) * 60 + 32) * 60_000 + 59_999)).toBe('2d 14h 32m');
  expect(uptimeWords(-5)).toBe('0d 0h 0m');
  expect([40_000, 15 * 60_000, 125 * 60_000, 73 * 3_600_000].map(durationWords)).toEqual([
    '40s',
    '15m',
    '2h 5m',
    '3d 1h',
  ]);
});
