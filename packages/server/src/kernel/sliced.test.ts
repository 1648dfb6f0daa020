import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inSlices, SLICE_ITEMS, sortSliced, visitSliced } from './sliced.ts';

it('sorts as the language does, equal items in their order, with a breath per slice', async () => {
  const lengths = fc.oneof(
    fc.integer({ min: 0, max: 20 }),
    fc.integer({ min: SLICE_ITEMS, max: SLICE_ITEMS * 5 }),
  );
  await fc.assert(
    fc.asyncProperty(lengths, fc.integer({ min: 1, max: 50 }), async (length, values) => {
      const items = Array.from({ length }, (_, i) => ({ i, value: (i * 7919) % values }));
      const compare = (a: { value: number }, b: { value: number }) => a.value - b.value;
      let breaths = 0;
      const sorted = await inSlices(sortSliced(items, compare), async () => void breaths++);
      expect(sorted).toEqual([...items].sort(compare));
      expect(items.every(({ i }, at) => i === at)).toBe(true);
      if (length > SLICE_ITEMS) expect(breaths).toBeGreaterThanOrEqual(Math.floor(length / SLICE_ITEMS) * 2);
    }),
    { numRuns: 20 },
  );
});

it('visits each item once and pauses between slices', () => {
  const seen: number[] = [];
  const work = visitSliced(Array(SLICE_ITEMS * 2 + 1).keys(), (item) => seen.push(item));
  expect(work.next().done).toBe(false);
  expect(seen).toHaveLength(SLICE_ITEMS);
  expect([work.next().done, work.next().done]).toEqual([false, true]);
  expect(seen).toEqual([...Array(SLICE_ITEMS * 2 + 1).keys()]);
});
