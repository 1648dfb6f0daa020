import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newestSlices } from './engine-search.ts';

it('a range is cut into few slices without gaps, newest first, the newest seconds alone', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 1n << 62n }),
      fc.bigInt({ min: 0n, max: 30n * 86_400_000_000_000n }),
      (from, length) => {
        const slices = [...newestSlices({ from, to: from + length })];
        let end = from + length;
        for (const slice of slices) {
          expect(slice.to).toBe(end);
          expect(slice.from).toBeLessThan(slice.to);
          end = slice.from;
        }
        expect(end).toBe(from);
        expect(slices.length).toBeLessThanOrEqual(8);
        if (length > 0n)
          expect((slices[0]?.to ?? 0n) - (slices[0]?.from ?? 0n)).toBeLessThanOrEqual(15_000_000_000n);
      },
    ),
  );
});
