import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createQueryEngine } from '../engine.ts';
import { Labels } from '../labels.ts';
import type { InstantResult, RangeResult } from '../result.ts';
import { DownsamplingStorage } from '../testing/downsampling-storage.ts';
import type { TestSample } from '../testing/memory-storage.ts';
import { MemoryStorage } from '../testing/memory-storage.ts';
import type { Availability } from './pieces.ts';
import { planPieces } from './pieces.ts';

/*
 *  0 ......... wide from 0 ......... narrow from 20m ......... seam 60m ...... samples until 90m
 */
const MINUTE = 60_000;
const NARROW = 1 * MINUTE;
const WIDE = 4 * MINUTE;
const SEAM = 60 * MINUTE;
const availability = (rawFrom: number): Availability => ({
  tiers: [
    { resolution: NARROW, from: 20 * MINUTE },
    { resolution: WIDE, from: 0 },
  ],
  seam: SEAM,
  rawFrom,
});
const FOREVER = Number.NEGATIVE_INFINITY;

const engine = createQueryEngine({ options: { experimentalFunctions: true, lookbackMs: 3 * MINUTE } });

const level = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) },
);
const stale = { weight: 1, arbitrary: fc.constant('stale' as const) };
/** A gauge: gaps from seconds to a quarter of an hour, also on the ends of buckets. */
const gauge = fc.array(fc.tuple(gaps(), fc.oneof({ weight: 9, arbitrary: level }, stale)), {
  maxLength: 150,
});
/** A counter, which falls to zero now and then. */
const counter = fc
  .array(
    fc.tuple(
      gaps(),
      fc.oneof({ weight: 12, arbitrary: fc.nat(50) }, stale, {
        weight: 1,
        arbitrary: fc.constant('reset' as const),
      }),
    ),
    {
      maxLength: 150,
    },
  )
  .map((steps) => {
    let total = 0;
    return steps.map(([gap, step]) => {
      if (step === 'stale') return [gap, step] as const;
      total = step === 'reset' ? 0 : total + step;
      return [gap, total] as const;
    });
  });

function gaps() {
  return fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 40 }).map((seconds) => seconds * 1000) },
    { weight: 2, arbitrary: fc.constantFrom(15_000, MINUTE, WIDE) },
    { weight: 1, arbitrary: fc.integer({ min: MINUTE, max: 15 * MINUTE }) },
  );
}

const data = fc.record({
  gauges: fc.array(gauge, { maxLength: 3 }),
  counters: fc.array(counter, { maxLength: 3 }),
});

type Steps = readonly (readonly [gap: number, value: number | 'stale'])[];

function fillFrom(
  storages: readonly MemoryStorage[],
  { gauges, counters }: { gauges: readonly Steps[]; counters: readonly Steps[] },
): void {
  const put = (name: string, all: readonly Steps[]): void =>
    all.forEach((steps, i) => {
      let time = 0;
      const samples = steps.map(([gap, value]): TestSample => [(time += gap), value]);
      const labels = Labels.fromRecord({ __name__: name, i: String(i), odd: String(i % 2) });
      for (const storage of storages) storage.add(labels, samples);
    });
  put('g', gauges);
  put('c_total', counters);
}

const EXACT = [
  'count_over_time(g[8m])',
  'sum_over_time(g[4m])',
  'avg_over_time(g[12m])',
  'min_over_time(g[8m])',
  'max_over_time(g[4m])',
  'first_over_time(g[8m])',
  'last_over_time(g[8m])',
  'present_over_time(g[4m])',
  'delta(g[16m])',
  'changes(g[8m])',
  'resets(c_total[16m])',
  'rate(c_total[8m])',
  'increase(c_total[20m])',
  'increase(g[20m])',
  'g',
  'timestamp(g)',
  'absent(g)',
  'sum by (odd) (rate(c_total[4m]))',
  'count(c_total) by (odd) / 2',
  'g offset 8m',
  'increase(c_total[8m] offset 12m) > 3',
  'max_over_time(c_total[8m] @ 3600)',
  'c_total @ 2400',
  'avg_over_time(rate(c_total[8m])[16m:4m])',
  'topk(1, g)',
  'quantile by (odd) (0.5, sum_over_time(c_total[8m]))',
] as const;

interface Cells {
  readonly [labels: string]: readonly (number | null)[];
}

function cellsOf(result: RangeResult): Cells {
  return Object.fromEntries(
    result.series.map(({ labels, values, present }) => [
      labels.toString(),
      Array.from(values, (value, k) => (present[k] === 1 ? value : null)),
    ]),
  );
}

function expectClose(found: Cells, wanted: Cells): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort());
  for (const [labels, cells] of Object.entries(wanted)) {
    cells.forEach((cell, k) => {
      const other = found[labels]?.[k] ?? null;
      const close =
        cell === other ||
        (cell !== null &&
          other !== null &&
          (Object.is(cell, other) || Math.abs(cell - other) <= 1e-9 * Math.max(1, Math.abs(cell))));
      if (!close) expect(`${labels} step ${k}: ${other}`).toBe(`${labels} step ${k}: ${cell}`);
    });
  }
}

async function both(
  query: string,
  storages: readonly MemoryStorage[],
  grid: { start: number; end: number; step: number },
): Promise<readonly RangeResult[]> {
  const answers: RangeResult[] = [];
  for (const queryable of storages) answers.push(await engine.range({ query, queryable, ...grid }));
  return answers;
}

const alignedGrid = fc.record({
  start: fc.integer({ min: 0, max: 20 }).map((n) => n * WIDE),
  step: fc.constantFrom(WIDE, 2 * WIDE, 5 * WIDE),
  steps: fc.nat(12),
});

describe('buckets of whole windows', () => {
  it('answer as samples do, across the seam, stale series, resets and gaps', async () => {
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(
        data,
        alignedGrid,
        fc.constantFrom(...EXACT),
        async (series, { start, step, steps }, query) => {
          const samples = new MemoryStorage();
          const buckets = new DownsamplingStorage(availability(FOREVER), true);
          fillFrom([samples, buckets], series);
          const [wanted, found] = await both(query, [samples, buckets], {
            start,
            end: start + step * steps,
            step,
          });
          if (wanted === undefined || found === undefined) throw new TypeError('no answer');
          expectClose(cellsOf(found), cellsOf(wanted));
          expect(found.warnings).toEqual(wanted.warnings);
          answered += buckets.answered;
        },
      ),
      { numRuns: 400 },
    );
    expect(answered).toBeGreaterThan(100);
  });

  it('answer as samples do where those are gone', async () => {
    await fc.assert(
      fc.asyncProperty(
        data,
        alignedGrid,
        fc.constantFrom(...EXACT),
        fc.nat(14),
        async (series, { start, step, steps }, query, kept) => {
          const samples = new MemoryStorage();
          const buckets = new DownsamplingStorage(availability(kept * WIDE), false);
          fillFrom([samples, buckets], series);
          const [wanted, found] = await both(query, [samples, buckets], {
            start,
            end: start + step * steps,
            step,
          });
          if (wanted === undefined || found === undefined) throw new TypeError('no answer');
          expectClose(cellsOf(found), cellsOf(wanted));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('buckets cut for a request alone', () => {
  it('answer as samples do, whatever the times', async () => {
    let answered = 0;
    const second = (most: number) => fc.integer({ min: 1, max: most }).map((n) => n * 1000);
    const grid = fc.record({ start: second(3600), step: second(600), steps: fc.nat(12) });
    const widths = fc.constantFrom('47s', '1m', '90s', '7m', '10m', '1h');
    await fc.assert(
      fc.asyncProperty(
        data,
        grid,
        fc.constantFrom(...EXACT),
        widths,
        async (series, { start, step, steps }, query, width) => {
          const samples = new MemoryStorage();
          const buckets = new DownsamplingStorage(availability(FOREVER), 'own');
          fillFrom([samples, buckets], series);
          const asked = query.replaceAll(/\[\d+m\]/g, `[${width}]`);
          const [wanted, found] = await both(asked, [samples, buckets], {
            start,
            end: start + step * steps,
            step,
          });
          if (wanted === undefined || found === undefined) throw new TypeError('no answer');
          expectClose(cellsOf(found), cellsOf(wanted));
          expect(found.infos).toEqual(wanted.infos);
          answered += buckets.answered;
        },
      ),
      { numRuns: 400 },
    );
    expect(answered).toBeGreaterThan(100);
  });
});

describe('buckets of other windows', () => {
  it('answer for the last end of a bucket, at most one bucket earlier', async () => {
    const queries = [
      'g',
      'timestamp(g)',
      'rate(c_total[8m])',
      'sum_over_time(g[4m])',
      'max_over_time(g[12m])',
    ];
    await fc.assert(
      fc.asyncProperty(
        data,
        fc.integer({ min: 1, max: WIDE - 1 }),
        fc.constantFrom(...queries),
        async (series, shift, query) => {
          const samples = new MemoryStorage();
          // Only the wide buckets reach back to the first steps, and all samples are gone.
          const buckets = new DownsamplingStorage(
            { tiers: [{ resolution: WIDE, from: 0 }], seam: 200 * MINUTE, rawFrom: 200 * MINUTE },
            false,
          );
          fillFrom([samples, buckets], series);
          const grid = { start: 5 * WIDE, end: 20 * WIDE, step: WIDE };
          const [wanted] = await both(query, [samples], grid);
          const [found] = await both(query, [buckets], {
            start: grid.start + shift,
            end: grid.end + shift,
            step: WIDE,
          });
          if (wanted === undefined || found === undefined) throw new TypeError('no answer');
          expectClose(cellsOf(found), cellsOf(wanted));
          expect(found.infos).toContain(
            `PromQL info: buckets (1:${query.search(/[gc](_total)?(\[|$|\))/) + 1})`,
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  const single = async (query: string, time: number): Promise<InstantResult> => {
    const buckets = new DownsamplingStorage(
      { tiers: [{ resolution: WIDE, from: 0 }], seam: SEAM, rawFrom: SEAM },
      false,
    );
    const labels = Labels.fromRecord({ __name__: 'c_total' });
    buckets.add(
      labels,
      Array.from({ length: 200 }, (_, k) => [(k + 1) * 20_000, 2 * (k + 1)]),
    );
    return await engine.instant({ query, queryable: buckets, time });
  };
  const valueOf = (result: InstantResult): number | undefined =>
    result.type === 'vector' ? result.samples[0]?.value : undefined;

  it('widen what is narrower than a bucket, and scale what grows with the width', async () => {
    expect(valueOf(await single('rate(c_total[1m])', 30 * MINUTE))).toBeCloseTo(0.1, 12);
    expect(valueOf(await single('increase(c_total[1m])', 30 * MINUTE))).toBeCloseTo(6, 12);
    expect(valueOf(await single('count_over_time(c_total[1m])', 30 * MINUTE))).toBeCloseTo(3, 12);
  });

  it('give other functions the last sample of each bucket', async () => {
    expect(valueOf(await single('irate(c_total[1m])', 30 * MINUTE))).toBeCloseTo(0.1, 12);
    expect(valueOf(await single('quantile_over_time(0.5, c_total[8m])', 30 * MINUTE))).toBe(156);
    const raw = await single('c_total[9m]', 30 * MINUTE);
    expect(raw.type === 'matrix' && [...(raw.series[0]?.timestamps ?? [])]).toEqual([
      24 * MINUTE,
      28 * MINUTE,
    ]);
  });
});

describe('which steps buckets answer', () => {
  const request = {
    matchers: [],
    startExclusive: 0,
    end: 0,
    hints: { start: 0, end: 0, step: 1, range: 0 },
    exact: true,
    instant: false,
    fields: [],
  };

  it('goes from wide over narrow to samples', () => {
    const windows = { first: 10 * MINUTE, step: 10 * MINUTE, count: 12, range: 5 * MINUTE };
    expect(planPieces({ ...request, windows }, availability(50 * MINUTE), false)).toEqual([
      { resolution: WIDE, from: 0, to: 2, open: 0, close: 20 * MINUTE },
      { resolution: NARROW, from: 2, to: 5, open: 25 * MINUTE, close: 50 * MINUTE },
    ]);
    expect(planPieces({ ...request, windows }, availability(FOREVER), false)).toEqual([]);
  });

  it('takes the widest that fits, and none of an inexact request that samples can answer', () => {
    const windows = { first: 40 * MINUTE, step: 4 * MINUTE, count: 12, range: 8 * MINUTE };
    const wide = [{ resolution: WIDE, from: 0, to: 7, open: 32 * MINUTE, close: 64 * MINUTE }];
    expect(planPieces({ ...request, windows }, availability(FOREVER), true)).toEqual(wide);
    expect(planPieces({ ...request, windows, exact: false }, availability(FOREVER), true)).toEqual([]);
  });
});
