import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nextSlice } from './engine-search.ts';

const WEEK_NS = 7n * 86_400_000_000_000n;
const FIRST_NS = 60_000_000_000n;

it('a search that finds no more covers a week in seven looks, however much it found at first', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.nat({ max: 999 }), (limit, some) => {
      const found = some % limit;
      let covered = FIRST_NS;
      let looks = 1;
      for (; covered < WEEK_NS; looks++) covered += nextSlice(covered, found, limit);
      expect(looks).toBeLessThanOrEqual(7);
    }),
  );
});

it('looks where the rest is expected, and half as far again', () => {
  // Two of twenty in a minute: eighteen more in nine.
  expect(nextSlice(FIRST_NS, 2, 20)).toBe((540_000_000_000n * 3n) / 2n);
  // Where nearly all were found, and where none was.
  expect(nextSlice(FIRST_NS, 19, 20)).toBe(FIRST_NS * 7n);
  expect(nextSlice(FIRST_NS, 0, 20)).toBe(FIRST_NS * 15n);
});
