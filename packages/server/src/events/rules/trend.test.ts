import { expect, it } from 'vitest';
import { FAST } from '../history/series.ts';
import { finder, finderBeside } from '../testing/setup.ts';

const finds = finder('trend');
const findsBeside = finderBeside('trend');
/** Mean 100, standard deviation 10. */
const long = Array.from({ length: 240 }, (_, i) => ({ amount: i % 2 === 0 ? 90 : 110 }));
const raised = (amount: number) => Array.from({ length: 10 }, () => ({ amount }));

it.each<[number, string[]]>([
  [100, []],
  [110, []],
  [122, ['caution amount CONTINUE']],
  [78, ['caution amount CONTINUE']],
])('the last ten are %d', (amount, expected) => {
  expect(finds({ amount }, [...long, ...raised(amount)])).toEqual(expected);
});

it.each<[number, string[]]>([
  [3.999, []],
  [4, []],
  [4.001, ['caution amount CONTINUE']],
])('the last few values average %d of their own deviations from the mean: %j', (drift, expected) => {
  // A variance that makes the deviation of the average 1.
  const variance = (2 - FAST) / FAST;
  for (const value of [drift, -drift])
    expect(findsBeside({ value, mean: 0, variance, fast: value })).toEqual(expected);
});

it('one value is none, however far off', () => {
  expect(finds({ amount: 122 }, long)).toEqual([]);
  expect(finds({ amount: 10_000 }, [...long, ...raised(122)])).toEqual([]);
});

it('nothing has left the mean of fewer than sixty values', () => {
  const some = [...long.slice(0, 49), ...raised(122)];
  expect(finds({ amount: 122 }, some)).toEqual([]);
  expect(finds({ amount: 122 }, [...long.slice(0, 50), ...raised(122)])).toEqual(['caution amount CONTINUE']);
});
