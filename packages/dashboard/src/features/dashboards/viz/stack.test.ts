import { describe, expect, it } from 'vitest';
import { drawn, type Stackable } from './stack.ts';

const row = (values: number[], stack: Stackable['stack'], negative = false): Stackable => ({
  values: Float64Array.from(values),
  stack,
  negative,
});

describe('what is drawn', () => {
  it('stands on what is below it, each sign on its own side', () => {
    expect(
      drawn(
        [
          row([1, 2], 'normal'),
          row([3, Number.NaN], 'normal'),
          row([5, 5], 'normal', true),
          row([9, 9], 'none'),
        ],
        2,
      ),
    ).toEqual([
      [1, 2],
      [4, null],
      [-5, -5],
      [9, 9],
    ]);
  });

  it('is a share of the sum', () => {
    expect(drawn([row([1, 0], 'percent'), row([3, 0], 'percent')], 2)).toEqual([
      [25, 0],
      [100, 0],
    ]);
  });

  it('has gaps where nothing finite is', () => {
    expect(drawn([row([Number.POSITIVE_INFINITY, Number.NaN], 'none')], 3)).toEqual([[null, null, null]]);
  });
});
