import fc from 'fast-check';
import { expect, it } from 'vitest';
import { levelsFrom } from './engine-conditions.ts';

it('no span that lasts long enough is of a level that is not looked for', () => {
  const more = fc.bigInt({ min: 0n, max: 1n << 63n });
  fc.assert(
    fc.property(fc.maxSafeNat(), more, (least, more) => {
      const duration = BigInt(least) + more + 1n;
      const level = 1n << BigInt(duration.toString(2).length - 1);
      expect(levelsFrom(least)).toContain(level);
    }),
  );
});

it('levels of spans that are all too short are not looked for', () => {
  expect(levelsFrom(2 ** 40 + 1)[0]).toBe(1n << 40n);
  expect(levelsFrom(2 ** 40)[0]).toBe(1n << 40n);
  expect(levelsFrom(2 ** 40 - 1)[0]).toBe(1n << 39n);
  expect(levelsFrom(Number.POSITIVE_INFINITY)).toEqual([1n << 63n]);
});
