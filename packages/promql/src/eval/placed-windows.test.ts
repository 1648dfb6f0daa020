import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createQueryEngine } from '../engine.ts';
import { Labels } from '../labels.ts';
import { MemoryStorage } from '../testing/memory-storage.ts';
import { ScanningStorage } from '../testing/scanning-storage.ts';
import { PlacedWindows } from './placed-windows.ts';
import { windowBounds } from './windows.ts';

const times = fc.array(fc.integer({ min: 1, max: 40_000 }), { maxLength: 40 }).map((gaps) =>
  Float64Array.from(
    gaps,
    (
      (time) => (gap: number) =>
        (time += gap)
    )(0),
  ),
);
const windows = fc.record({
  end: fc.integer({ min: 0, max: 400_000 }),
  step: fc.integer({ min: 0, max: 60_000 }),
  count: fc.integer({ min: 1, max: 20 }),
  range: fc.integer({ min: 1, max: 200_000 }),
});

it('lays windows where a search for each of them finds its samples', () => {
  fc.assert(
    fc.property(times, windows, (timestamps, one) => {
      const placed = new PlacedWindows(timestamps, 0, timestamps.length, one);
      for (let k = 0; k < one.count; k++)
        expect([placed.first[k], placed.end[k]]).toEqual([
          ...windowBounds(timestamps, 0, timestamps.length, one, k),
        ]);
    }),
  );
});

/** Counters near zero and just after a reset: where the start is extended to zero and no further. */
const counter = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 3 }), fc.double({ min: 0, max: 5e-324 }), fc.constant(1e308)),
  { minLength: 30, maxLength: 30 },
);

it('extends counters to the last bit as without shared times', async () => {
  const engine = createQueryEngine();
  await fc.assert(
    fc.asyncProperty(fc.array(counter, { minLength: 2, maxLength: 4 }), async (all) => {
      const [plain, scanning] = [new MemoryStorage(), new ScanningStorage()];
      for (const [i, values] of all.entries()) {
        const labels = Labels.fromRecord({ __name__: 'a_total', i: String(i) });
        const samples = values.map((value, at) => [5_000 + at * 10_000, value] as const);
        plain.add(labels, samples);
        scanning.add(labels, samples);
      }
      for (const func of ['rate', 'increase', 'delta']) {
        const query = { query: `${func}(a_total[45s])`, start: 0, end: 330_000, step: 7_000 };
        const [expected, found] = [
          await engine.range({ ...query, queryable: plain }),
          await engine.range({ ...query, queryable: scanning }),
        ];
        expect(found.series.map(({ values }) => [...values])).toEqual(
          expected.series.map(({ values }) => [...values]),
        );
      }
    }),
  );
});
