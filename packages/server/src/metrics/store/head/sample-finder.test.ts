import { Labels } from '@pharos/promql';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { createSeriesHasher, type SeriesHasher } from '../series-key.ts';
import { Head } from './head.ts';

let hasher: SeriesHasher;
beforeAll(async () => {
  hasher = await createSeriesHasher();
});

const BASE = 1e12;
const newHead = (): Head =>
  new Head({ hasher, seriesLimit: 10, labelBytes: 2 ** 30, budgetBytes: 2 ** 30, windowMs: 1e9 });
const series = (head: Head, i: number): number => head.resolve('t', Labels.fromRecord({ i: `${i}` }));

it('finds every sample of any series in any order, wherever it lies, and nothing else', () => {
  const arrivals = fc.array(fc.tuple(fc.nat(2), fc.nat(400)), { minLength: 1, maxLength: 600 });
  fc.assert(
    fc.property(
      arrivals,
      fc.boolean(),
      fc.infiniteStream(fc.tuple(fc.nat(2), fc.nat(400))),
      (all, rising, asked) => {
        const head = newHead();
        const refs = [0, 1, 2].map((i) => series(head, i));
        const model = new Map<string, number>();
        const arriving = rising ? all.toSorted(([, a], [, b]) => a - b) : all;
        arriving.forEach(([of, step], i) => {
          if (
            head.insert(refs[of]!, BASE + step * 1000, Float64Array.of(i), 0, 1) &&
            !model.has(`${of} ${step}`)
          )
            model.set(`${of} ${step}`, i);
        });
        const finder = head.finder();
        let looks = 0;
        for (const [of, step] of asked) {
          const found = finder.at(refs[of]!, BASE + step * 1000);
          expect(found === null ? undefined : found.values[found.index]).toBe(model.get(`${of} ${step}`));
          expect(finder.at(refs[of]!, BASE + step * 1000 + 1)).toBeNull();
          if (++looks === 200) break;
        }
      },
    ),
    { numRuns: 100 },
  );
});
