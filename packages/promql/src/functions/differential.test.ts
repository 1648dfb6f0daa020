import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createQueryEngine } from '../engine.ts';
import { Labels } from '../labels.ts';
import type { TestValue } from '../testing/memory-storage.ts';
import { MemoryStorage } from '../testing/memory-storage.ts';

/**
 * The sliding-window functions against the plainest implementation there is: for each step, filter the samples of
 * the window and compute from scratch.
 */
type Sample = readonly [time: number, value: number];
type Naive = (window: readonly Sample[], end: number, range: number) => number | undefined;

const value = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.constantFrom(Number.NaN, 0, 1e15),
);
const series = fc
  .array(
    fc.tuple(
      fc.integer({ min: 1, max: 40_000 }),
      fc.oneof({ weight: 9, arbitrary: value }, { weight: 1, arbitrary: fc.constant('stale' as const) }),
    ),
    { maxLength: 60 },
  )
  .map((steps) => {
    let time = 0;
    return steps.map(([gap, v]) => [(time += gap), v] as const satisfies readonly [number, TestValue]);
  });
const counter = series.map((samples) =>
  samples.map(([time, v]) => [time, v === 'stale' ? v : Math.abs(v)] as const),
);

const values = (window: readonly Sample[]): number[] => window.map(([, v]) => v);
const some =
  (compute: (all: number[]) => number): Naive =>
  (window) =>
    window.length === 0 ? undefined : compute(values(window));
const plain = (all: readonly number[]): number[] => all.filter((v) => !Number.isNaN(v));
const mean = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0) / all.length;

function naiveQuantile(q: number, all: readonly number[]): number {
  const sorted = [...all].sort((a, b) => (Number.isNaN(a) ? -1 : Number.isNaN(b) ? 1 : a - b));
  const rank = q * (sorted.length - 1);
  const low = Math.floor(rank);
  const high = Math.min(sorted.length - 1, low + 1);
  return (sorted[low] ?? 0) * (1 - (rank - low)) + (sorted[high] ?? 0) * (rank - low);
}

function naiveRate(isCounter: boolean, perSecond: boolean): Naive {
  return (window, end, range) => {
    const first = window[0];
    const last = window.at(-1);
    if (first === undefined || last === undefined || window.length < 2) return undefined;
    let result = last[1] - first[1];
    for (let i = 1; i < window.length; i++) {
      const before = window[i - 1]?.[1] ?? 0;
      if (isCounter && (window[i]?.[1] ?? 0) < before) result += before;
    }
    const sampled = (last[0] - first[0]) / 1000;
    const average = sampled / (window.length - 1);
    let toStart = (first[0] - (end - range)) / 1000;
    let toEnd = (end - last[0]) / 1000;
    if (toStart >= average * 1.1) toStart = average / 2;
    if (isCounter && result > 0 && first[1] >= 0) toStart = Math.min(toStart, sampled * (first[1] / result));
    if (toEnd >= average * 1.1) toEnd = average / 2;
    const total = result * ((sampled + toStart + toEnd) / sampled);
    return perSecond ? total / (range / 1000) : total;
  };
}

const NAIVE: Readonly<Record<string, Naive>> = {
  sum_over_time: some((all) => all.reduce((a, b) => a + b, 0)),
  avg_over_time: some(mean),
  count_over_time: some((all) => all.length),
  min_over_time: some((all) => (plain(all).length === 0 ? Number.NaN : Math.min(...plain(all)))),
  max_over_time: some((all) => (plain(all).length === 0 ? Number.NaN : Math.max(...plain(all)))),
  last_over_time: some((all) => all.at(-1) ?? 0),
  first_over_time: some((all) => all[0] ?? 0),
  present_over_time: some(() => 1),
  stdvar_over_time: some((all) => mean(all.map((v) => (v - mean(all)) ** 2))),
  changes: some(
    (all) =>
      all.filter((v, i) => i > 0 && v !== all[i - 1] && !(Number.isNaN(v) && Number.isNaN(all[i - 1])))
        .length,
  ),
  resets: some((all) => all.filter((v, i) => i > 0 && v < (all[i - 1] ?? 0)).length),
  idelta: (window) => (window.length < 2 ? undefined : (window.at(-1)?.[1] ?? 0) - (window.at(-2)?.[1] ?? 0)),
  delta: naiveRate(false, false),
};
const NAIVE_COUNTERS: Readonly<Record<string, Naive>> = {
  rate: naiveRate(true, true),
  increase: naiveRate(true, false),
};

const shapes = fc.record({
  start: fc.integer({ min: -10_000, max: 400_000 }),
  step: fc.integer({ min: 1, max: 120_000 }),
  count: fc.integer({ min: 1, max: 12 }),
  range: fc.integer({ min: 1, max: 300_000 }),
  offset: fc.integer({ min: -60_000, max: 60_000 }),
});
type Shape = { start: number; step: number; count: number; range: number; offset: number };

async function check(
  call: (selector: string) => string,
  naive: Naive,
  samples: readonly (readonly [number, TestValue])[],
  shape: Shape,
): Promise<void> {
  const storage = new MemoryStorage();
  storage.add(Labels.fromRecord({ __name__: 'x_total', __proto__x: 'a' }), samples);
  const offset = shape.offset === 0 ? '' : ` offset ${shape.offset}ms`;
  const query = call(`x_total[${shape.range}ms]${offset}`);
  const end = shape.start + shape.step * (shape.count - 1);
  const result = await createQueryEngine().range({
    query,
    queryable: storage,
    start: shape.start,
    end,
    step: shape.step,
  });
  for (let k = 0; k < shape.count; k++) {
    const close = shape.start + k * shape.step - shape.offset;
    const window = samples.filter(
      (sample): sample is Sample =>
        sample[1] !== 'stale' && sample[0] > close - shape.range && sample[0] <= close,
    );
    const expected = naive(window, close, shape.range);
    const got = result.series[0]?.present[k] === 1 ? result.series[0].values[k] : undefined;
    if (expected === undefined || got === undefined || Number.isNaN(expected)) expect(got).toEqual(expected);
    else
      expect(Math.abs(got - expected), `${query} step ${k}: ${got} for ${expected}`).toBeLessThanOrEqual(
        1e-9 * Math.max(scaleOf(window, query.startsWith('stdvar')), Math.abs(expected)),
      );
  }
}

/** Rounding is judged against the size of what was added up, which may cancel out. */
function scaleOf(window: readonly Sample[], squared: boolean): number {
  const size = Math.max(1, ...plain(values(window)).map(Math.abs));
  return squared ? size * size : size;
}

describe('sliding windows against naive ones', () => {
  for (const [name, naive] of Object.entries(NAIVE))
    it(name, async () => {
      await fc.assert(
        fc.asyncProperty(series, shapes, (samples, shape) =>
          check((s) => `${name}(${s})`, naive, samples, shape),
        ),
        { numRuns: 150 },
      );
    });
  for (const [name, naive] of Object.entries(NAIVE_COUNTERS))
    it(name, async () => {
      await fc.assert(
        fc.asyncProperty(counter, shapes, (samples, shape) =>
          check((s) => `${name}(${s})`, naive, samples, shape),
        ),
        { numRuns: 150 },
      );
    });
  it('quantile_over_time', async () => {
    const quantile = some((all) => naiveQuantile(0.3, all));
    await fc.assert(
      fc.asyncProperty(series, shapes, (samples, shape) =>
        check((s) => `quantile_over_time(0.3, ${s})`, quantile, samples, shape),
      ),
      { numRuns: 150 },
    );
  });
});
