import { Labels } from '@pharos/promql';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { createSeriesHasher, type SeriesHasher } from '../series-key.ts';
import { ColumnArena } from './column-arena.ts';
import { Head } from './head.ts';

let hasher: SeriesHasher;
beforeAll(async () => {
  hasher = await createSeriesHasher();
});

const roomyHead = (): Head =>
  new Head({ hasher, seriesLimit: 1e6, labelBytes: 2 ** 30, budgetBytes: 2 ** 30, windowMs: 1e9 });

const START = 1e12;

/** Times in ms: those of a scraper, regular or a little late, or anybody's. */
const times = fc.oneof(
  fc.integer({ min: 0, max: 100 }).map((count) => Array.from({ length: count }, (_, i) => i * 15_000)),
  fc
    .integer({ min: 0, max: 100 })
    .map((count) => Array.from({ length: count }, (_, i) => i * 15_000 + ((i * 7) % 5))),
  fc.uniqueArray(fc.integer({ min: 0, max: 1_600_000 }), { maxLength: 60 }),
);

const window = fc
  .tuple(fc.integer({ min: -10, max: 1_600_000 }), fc.integer({ min: 0, max: 1_600_000 }))
  .map(([from, length]) => ({ startExclusive: START + from, end: START + from + length }));

it('reads what is read of each series by itself, and tells which have the same times', () => {
  fc.assert(
    fc.property(fc.array(times, { minLength: 2, maxLength: 4 }), fc.nat(), window, (kinds, seed, asked) => {
      const head = roomyHead();
      const refs = Array.from({ length: 12 }, (_, i) =>
        head.resolve('t', Labels.fromRecord({ __name__: 'm', i: String(i) })),
      );
      const clocks = refs.map((_, i) => kinds[Math.floor(((seed + i) / 3) % kinds.length)] ?? []);
      // In the order of a scraper's rounds, so that chunks of several series lie among each other.
      for (let round = 0; round < 100; round++)
        for (const [i, ref] of refs.entries()) {
          const time = clocks[i]?.[round];
          if (time !== undefined)
            head.insert(ref, START + time, Float64Array.of(round * i - 0.5 * (i % 2)), 0, 1);
        }
      const reader = head.scan({ ...asked, wantStarts: false });
      let before: { timing: object | undefined; times: number[]; from: number } | undefined;
      let shared = 0;
      for (const ref of refs) {
        const expected = head.read(ref, asked.startExclusive, asked.end, new ColumnArena());
        const found = reader.read(ref);
        const cut = (one: typeof found) =>
          one && [
            [...one.timestamps.subarray(one.from, one.to)],
            [...one.values.subarray(one.from, one.to)],
            one.labels.key,
          ];
        expect(cut(found)).toEqual(cut(expected));
        if (found === null) continue;
        const own = [...found.timestamps.subarray(found.from, found.to)];
        if (found.timing !== undefined && found.timing === before?.timing) {
          expect({ from: found.from, times: own }).toEqual({ from: before.from, times: before.times });
          shared++;
        }
        before = { timing: found.timing, times: own, from: found.from };
      }
      const regular = clocks.every(
        (clock) => clock.length > 2 && clock.every((time, i) => time === i * 15_000),
      );
      if (regular && before !== undefined) expect(shared).toBeGreaterThan(0);
    }),
    { numRuns: 200 },
  );
});

it('series that were scraped together have the same times, wherever their chunks end', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 }), window, (rounds, asked) => {
      const head = roomyHead();
      const refs = Array.from({ length: 300 }, (_, i) =>
        head.resolve('t', Labels.fromRecord({ __name__: 'm', i: String(i) })),
      );
      for (let round = 0; round < rounds; round++)
        for (const [i, ref] of refs.entries())
          head.insert(ref, START + round * 15_000, Float64Array.of(round * i), 0, 1);
      const reader = head.scan({ ...asked, wantStarts: false });
      const timings = new Set(refs.flatMap((ref) => reader.read(ref)?.timing ?? []));
      expect(timings.size).toBeLessThanOrEqual(1);
    }),
    { numRuns: 50 },
  );
});
