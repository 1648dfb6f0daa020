import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createQueryEngine } from '../engine.ts';
import { createHistogram } from '../histogram/histogram.ts';
import { Labels } from '../labels.ts';
import type { Queryable, SelectRequest, SeriesColumns } from '../storage.ts';
import { runWindowJob } from '../window-job.ts';
import type { WindowJob, WindowThread } from './window-thread.ts';

const START = 1_700_000_000_000;
const SAMPLES = 20_000;
const EVERY = 15_000;
const END = START + SAMPLES * EVERY;

/** Ups and downs, so that a counter's resets are many; at times that no window's edge meets always. */
function seriesOf(name: string, seed: number): SeriesColumns {
  const values = Float64Array.from({ length: SAMPLES }, (_, i) => Math.sin(i * seed) * 100 + (i % 7));
  const timestamps = Float64Array.from({ length: SAMPLES }, (_, i) => START + i * EVERY + (i % 5) * 100);
  return {
    labels: Labels.fromRecord({ __name__: name, of: name }),
    timestamps,
    values,
    from: 0,
    to: SAMPLES,
  };
}
const series = [seriesOf('a', 1.7), seriesOf('b', 0.9)];

const selected = ({ matchers }: SelectRequest): SeriesColumns[] =>
  series.filter(({ labels }) => matchers.every((one) => one.matches(labels.get(one.name))));

const fetching: Queryable = { select: (request) => Promise.resolve({ series: selected(request) }) };

/** Reads every series into the same arrays, and other things into them whenever it is not asked. */
function scanning(): Queryable & { disturb(): void } {
  const timestamps = new Float64Array(SAMPLES);
  const values = new Float64Array(SAMPLES);
  return {
    ...fetching,
    scan(request) {
      const all = selected(request);
      return {
        set: {
          count: all.length,
          labelsAt: (i) => all[i]?.labels ?? Labels.EMPTY,
          distinctNameless: false,
        },
        read(i) {
          const of = all[i];
          if (of === undefined) return null;
          timestamps.set(of.timestamps);
          values.set(of.values);
          return { ...of, timestamps, values };
        },
        isWhole: () => true,
      };
    },
    disturb() {
      values.fill(-1);
      timestamps.fill(END + 1);
    },
  };
}

const FUNCTIONS = [
  'deriv(a[2d])',
  'predict_linear(a[2d], 3600)',
  'predict_linear(a[2d], scalar(count(a offset 1d)) * 60)',
  'stddev_over_time(a[2d])',
  'stdvar_over_time(a[2d])',
  'quantile_over_time(0.9, a[2d])',
  'quantile_over_time(2, a[2d])',
  'double_exponential_smoothing(a[2d], 0.3, 0.4)',
  'mad_over_time(a[12h])',
  'ts_of_max_over_time(a[2d])',
  'rate(a[2d])',
  'sum(deriv({__name__=~"a|b"}[2d]))',
  'topk(1, stddev_over_time({__name__=~"a|b"}[2d]))',
  'max_over_time(deriv(a[2d])[1h:10m])',
  'deriv(a[2d]) + deriv(a[2d])',
];

const range = { start: START + 86_400_000, end: END - 5000, step: 600_000 };
const options = { experimentalFunctions: true };
const settled = ({ series: all, warnings, infos }: Awaited<ReturnType<typeof askWhole>>) => ({
  all: all.map(({ labels, values, present }) => [
    labels.key,
    Array.from(present, (here, k) => here && values[k]),
  ]),
  warnings,
  infos,
});
const askWhole = (query: string, queryable: Queryable) =>
  createQueryEngine({ options }).range({ query, queryable, ...range });

/** Does jobs as another thread would: with a copy of everything, later. */
function threadOf(answer: (job: WindowJob) => ReturnType<WindowThread['run']>) {
  const jobs: WindowJob[] = [];
  const run = (job: WindowJob): ReturnType<WindowThread['run']> => {
    jobs.push(job);
    return answer(structuredClone(job));
  };
  return { jobs, run };
}

describe('long work over windows', () => {
  it.each(FUNCTIONS)(
    '%s is the same done elsewhere, in parts, and in parts after a thread gave up',
    async (query) => {
      const whole = settled(await askWhole(query, fetching));
      expect(whole.all.length).toBeGreaterThan(0);
      for (const scans of [false, true]) {
        const storage = scanning();
        const queryable = scans ? storage : fetching;
        const ask = async (windowThread?: WindowThread) => {
          const engine = createQueryEngine({
            options,
            ...(windowThread !== undefined && { windowThread }),
            yieldNow: () => Promise.resolve(storage.disturb()),
          });
          return settled(await engine.range({ query, queryable, ...range }));
        };
        const elsewhere = threadOf((job) => {
          storage.disturb();
          return Promise.resolve(runWindowJob(job));
        });
        expect(await ask(elsewhere)).toEqual(whole);
        expect(elsewhere.jobs.length).toBeGreaterThan(0);
        expect(await ask()).toEqual(whole);
        let taken = 0;
        const tired = threadOf((job) => Promise.resolve(taken++ > 0 ? null : runWindowJob(job)));
        expect(await ask(tired)).toEqual(whole);
      }
    },
  );

  it('is cut into parts that each look at a bounded number of samples, and lets others run between them', async () => {
    const query = 'predict_linear(a[2d], 60)';
    const thread = threadOf((job) => Promise.resolve(runWindowJob(job)));
    const engine = createQueryEngine({ windowThread: thread });
    await engine.range({ query, queryable: fetching, ...range, step: 30_000 });
    const looks = thread.jobs.map(({ timestamps, windows }) => timestamps.length * windows.count);
    expect(Math.max(...looks)).toBeLessThan(25e6);
    expect(thread.jobs.reduce((sum, { windows }) => sum + windows.count, 0)).toBe(
      Math.floor((range.end - range.start) / 30_000) + 1,
    );
    const yieldNow = vi.fn(() => Promise.resolve());
    await createQueryEngine({ yieldNow }).range({ query, queryable: fetching, ...range, step: 30_000 });
    expect(yieldNow.mock.calls.length).toBeGreaterThan(50);
  });

  it('ends between two parts when the query is given up', async () => {
    const gone = new AbortController();
    const thread = threadOf((job) => {
      gone.abort();
      return Promise.resolve(runWindowJob(job));
    });
    const asked = createQueryEngine({ windowThread: thread }).range({
      query: 'deriv(a[2d])',
      queryable: fetching,
      ...range,
      step: 30_000,
      signal: gone.signal,
    });
    await expect(asked).rejects.toMatchObject({ kind: 'canceled' });
    expect(thread.jobs).toHaveLength(1);
  });

  it('asks no thread for short work', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...FUNCTIONS), async (query) => {
        const thread = threadOf((job) => Promise.resolve(runWindowJob(job)));
        const engine = createQueryEngine({ options, windowThread: thread });
        await engine.instant({ query: query.replaceAll('2d', '10m'), queryable: fetching, time: END });
        expect(thread.jobs).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});

it.each(['sum_over_time(h[1d])', 'avg_over_time(h[1d])', 'changes(h[1d])', 'resets(h[1d])'])(
  '%s over histograms lets others run between its windows, and is the same at every instant',
  async (query) => {
    const of = seriesOf('h', 1);
    const [first, second] = [1, 2].map((count) =>
      createHistogram({ schema: 0, zeroThreshold: 0, zeroCount: count, count, sum: count }),
    );
    const histograms = Array.from({ length: SAMPLES }, (_, i) => (i % 3 === 0 ? first : second));
    const queryable: Queryable = { select: () => Promise.resolve({ series: [{ ...of, histograms }] }) };
    const yieldNow = vi.fn(() => Promise.resolve());
    const start = END - 600_000;
    const whole = await createQueryEngine({ yieldNow }).range({
      query,
      queryable,
      start,
      end: END,
      step: 2000,
    });
    expect(yieldNow.mock.calls.length).toBeGreaterThan(4);
    const [row] = whole.series;
    for (let k = 0; k < (row?.present.length ?? 0); k += 29) {
      const one = await createQueryEngine().instant({ query, queryable, time: start + k * 2000 });
      const [sample] = one.type === 'vector' ? one.samples : [];
      expect(row?.present[k]).toBe(sample === undefined ? 0 : 1);
      expect(row?.histograms?.[k]).toEqual(sample?.histogram);
      if (sample !== undefined && sample.histogram === undefined) expect(row?.values[k]).toBe(sample.value);
    }
  },
);

it('runs nothing on another thread that is made for this one', () => {
  const job = {
    func: 'abs',
    timestamps: new Float64Array(1),
    values: new Float64Array(1),
    windows: { end: 0, step: 1, count: 1, range: 1 },
    grid: { start: 0, step: 1, count: 1 },
    scalars: [],
  } as const;
  expect(() => runWindowJob(job)).toThrow('abs is no work for another thread');
});
