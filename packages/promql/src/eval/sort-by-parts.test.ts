import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Budget } from './budget.ts';
import { sortByParts } from './sort-by-parts.ts';

const budget = (yieldNow?: () => Promise<void>): Budget =>
  new Budget({ maxSamples: 1, timeoutMs: Infinity, signal: undefined, now: undefined, yieldNow });

it('sorts as sort does, equal items as they stood', async () => {
  const items = fc.array(fc.tuple(fc.nat(40), fc.nat()), { maxLength: 2_000, size: 'max' });
  await fc.assert(
    fc.asyncProperty(items, async (given) => {
      const compare = ([a]: readonly [number, number], [b]: readonly [number, number]): number => a - b;
      expect(await sortByParts(budget(), given, compare)).toEqual([...given].sort(compare));
    }),
    { numRuns: 40 },
  );
});

it('lets other work run in between, and leaves what is sorted', async () => {
  let pauses = 0;
  const pausing = budget(async () => void pauses++);
  const falling = Array.from({ length: 20_000 }, (_, i) => 20_000 - i);
  const sorted = await sortByParts(pausing, falling, (a, b) => a - b);
  expect([sorted[0], sorted.at(-1), pauses > 50]).toEqual([1, 20_000, true]);
  expect(await sortByParts(budget(), sorted, (a, b) => a - b)).toBe(sorted);
});
