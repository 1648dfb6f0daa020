import { expect, it } from 'vitest';
import { finder, finderBeside } from '../testing/setup.ts';

const finds = finder('anomaly');
const findsBeside = finderBeside('anomaly');
/** Mean 100, standard deviation 10. */
const even = Array.from({ length: 60 }, (_, i) => ({ amount: i % 2 === 0 ? 90 : 110 }));

it.each<[number, string[]]>([
  [100, []],
  [129, []],
  [131, ['caution amount CONTINUE']],
  [71, []],
  [69, ['caution amount CONTINUE']],
  [158, ['caution amount CONTINUE']],
  [162, ['critical amount ESCALATE']],
  [38, ['critical amount ESCALATE']],
])('amount %d', (amount, expected) => {
  expect(finds({ amount }, even)).toEqual(expected);
});

it.each<[number, number, string[]]>([
  [129.999, 70.001, []],
  [130, 70, []],
  [130.001, 69.999, ['caution amount CONTINUE']],
  [160, 40, ['caution amount CONTINUE']],
  [160.001, 39.999, ['critical amount ESCALATE']],
])('beside a mean of 100 and a deviation of 10 exactly, %d and %d: %j', (above, below, expected) => {
  for (const value of [above, below])
    expect(findsBeside({ value, mean: 100, variance: 100, fast: 100 })).toEqual(expected);
});

it('nothing is unlike fewer than thirty values', () => {
  expect(finds({ amount: 10_000 }, even.slice(0, 29))).toEqual([]);
  expect(finds({ amount: 10_000 }, even.slice(0, 30))).toEqual(['critical amount ESCALATE']);
});

it('a hair beside values that never vary is no anomaly', () => {
  const constant = Array.from({ length: 100 }, () => ({ amount: 100 }));
  expect(finds({ amount: 114 }, constant)).toEqual([]);
  expect(finds({ amount: 116 }, constant)).toEqual(['caution amount CONTINUE']);
});

it('what only names something has no history', () => {
  const ids = Array.from({ length: 100 }, () => ({ order_id: 1, status_code: 200, port: 80 }));
  expect(finds({ order_id: 999, status_code: 404, port: 9 }, ids)).toEqual([]);
});
