import { expect, it } from 'vitest';
import { stackRows } from './stack.ts';

it('adds up from below; a gap is nothing, except where nothing is below', () => {
  expect(
    stackRows([
      [1, null, 3, null],
      [10, 20, null, null],
      [100, 200, 300, null],
    ]),
  ).toEqual([
    [1, null, 3, null],
    [11, 20, 3, null],
    [111, 220, 303, null],
  ]);
});
