import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createQueryEngine } from '../engine.ts';
import { QueryError } from '../errors.ts';
import { formatHistogram } from '../histogram/format.ts';
import { Labels } from '../labels.ts';
import type { MemoryStorage } from '../testing/memory-storage.ts';
import { MemoryStorage as Storage, type TestSample, type TestValue } from '../testing/memory-storage.ts';
import { PROMQLTEST_OPTIONS } from '../testing/promqltest.ts';
import { histograms } from '../testing/random-histograms.ts';
import { ScanningStorage } from '../testing/scanning-storage.ts';

const value: fc.Arbitrary<TestValue> = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -5, max: 100 }) },
  { weight: 3, arbitrary: histograms('exponential') },
  { weight: 2, arbitrary: histograms('custom') },
  { weight: 1, arbitrary: fc.constantFrom<TestValue>('stale', Number.NaN, Number.POSITIVE_INFINITY) },
);

const samples = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 60_000 }), value, fc.constantFrom(0, 0, 1, 20_000)), {
    maxLength: 12,
  })
  .map((steps) => {
    let time = 0;
    return steps.map(([gap, one, start]): TestSample => [(time += gap), one, start === 0 ? 0 : time - start]);
  });

const data = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('a_total', 'b', 'target_info'),
    job: fc.constantFrom('', 'x', 'y'),
    instance: fc.constantFrom('1', '2'),
    samples,
  }),
  { selector: ({ name, job, instance }) => `${name} ${job} ${instance}`, maxLength: 8 },
);

const overTime = (
  'rate increase delta irate idelta resets changes deriv count_over_time sum_over_time ' +
  'avg_over_time min_over_time max_over_time last_over_time first_over_time present_over_time stddev_over_time mad_over_time ts_of_last_over_time ts_of_max_over_time'
).split(' ');
const elements = (
  'abs histogram_count histogram_sum histogram_avg histogram_stddev timestamp ' +
  'sort year start_timestamp absent info scalar'
).split(' ');
const aggregations = [
  'sum',
  'avg',
  'count',
  'group',
  'min',
  'stddev',
  'topk(2, ',
  'limitk(1, ',
  'quantile(0.5, ',
];

const { vector } = fc.letrec<{ vector: string; range: string }>((tie) => ({
  range: fc.oneof(
    fc
      .tuple(
        fc.constantFrom('a_total', 'b{job="x"}', '{job=~"x|y"}'),
        fc.constantFrom('[30s]', '[3m]', '[2m] offset 30s', '[2m] @ 100', '[1m] anchored', '[1m] smoothed'),
      )
      .map(([selector, window]) => selector + window),
    fc.tuple(tie('vector'), fc.constantFrom('[2m:20s]', '[3m:1m] offset 1m')).map(([v, w]) => `(${v})${w}`),
  ),
  vector: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('a_total', 'b', '{job="x"}', 'b smoothed', 'a_total @ 90', 'target_info'),
    fc.tuple(fc.constantFrom(...overTime), tie('range')).map(([f, r]) => `${f}(${r})`),
    fc
      .tuple(fc.constantFrom(...elements), tie('vector'))
      .map(([f, v]) => (f === 'scalar' ? `vector(scalar(${v}))` : `${f}(${v})`)),
    fc
      .tuple(
        fc.constantFrom(...aggregations),
        fc.constantFrom('', ' by (job)', ' without (instance)'),
        tie('vector'),
      )
      .map(([op, by, v]) => `${op}${op.endsWith(' ') ? '' : '('}${v})${by}`),
    fc
      .tuple(
        tie('vector'),
        fc.constantFrom('+', '-', '*', '/', '==', '!= bool', '> ', 'and', 'or', 'unless', '</', '>/', '^'),
        fc.constantFrom('', 'on (job, instance) ', 'ignoring (job) '),
        tie('vector'),
      )
      .map(([a, op, on, b]) => `(${a}) ${op} ${on}(${b})`),
    fc
      .tuple(
        tie('vector'),
        fc.constantFrom('+', '*', '/', '</', '>/', '=='),
        fc.constantFrom('2', '-1', '0', 'NaN', 'Inf'),
      )
      .map(([a, op, b]) => `(${a}) ${op} ${b}`),
    fc
      .tuple(fc.constantFrom('histogram_quantile(0.7, ', 'histogram_fraction(-1, 3, '), tie('vector'))
      .map(([f, v]) => `${f}${v})`),
    tie('vector').map((v) => `-(${v})`),
    tie('vector').map((v) => `label_replace(${v}, "job", "z", "", "")`),
  ),
}));

type Answer = string | readonly (readonly [labels: string, value: string])[];

async function ask(
  storage: MemoryStorage,
  query: string,
  delayedNameRemoval: boolean,
): Promise<readonly Answer[]> {
  const engine = createQueryEngine({
    options: { ...PROMQLTEST_OPTIONS, delayedNameRemoval, startTimestamps: false },
  });
  const times = [0, 60_000, 120_000, 180_000];
  try {
    const { series } = await engine.range({
      query,
      queryable: storage,
      start: 0,
      end: 180_000,
      step: 60_000,
    });
    return times.map((_, k) =>
      series
        .filter(({ present }) => present[k] === 1)
        .map(({ labels, values, histograms: some }) => {
          const histogram = some?.[k];
          return [
            labels.key,
            histogram === undefined ? String(values[k]) : formatHistogram(histogram),
          ] as const;
        }),
    );
  } catch (error) {
    return [told(error)];
  }
}

/** A storage's failure is told as such: with a storage that does not fail, it was the evaluator's own. */
function told(error: unknown): string {
  expect(error).toBeInstanceOf(QueryError);
  expect(String(error)).not.toContain('expanding series');
  return String(error);
}

describe('evaluation of floats and histograms together', () => {
  it('fails only as queries may fail, and answers over scans what it answers over fetched samples', async () => {
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(data, vector, fc.boolean(), async (all, query, delayed) => {
        const [plain, scanning] = [new Storage(), new ScanningStorage()];
        for (const { name, job, instance, samples: own } of all) {
          const labels = Labels.fromRecord({ __name__: name, job, instance });
          plain.add(labels, own);
          scanning.add(labels, own);
        }
        const expected = await ask(plain, query, delayed);
        expect(await ask(scanning, query, delayed)).toEqual(expected);
        if (expected.some((step) => typeof step !== 'string' && step.length > 0)) answered++;
      }),
      { numRuns: 300 },
    );
    expect(answered).toBeGreaterThan(50);
  });

  it('answers each step of a range as it answers that time alone', async () => {
    await fc.assert(
      fc.asyncProperty(data, vector, async (all, query) => {
        // These look at the query's own range.
        fc.pre(!/sort|limitk|topk/.test(query));
        const storage = new Storage();
        for (const { name, job, instance, samples: own } of all)
          storage.add(Labels.fromRecord({ __name__: name, job, instance }), own);
        const steps = await ask(storage, query, false);
        const engine = createQueryEngine({
          options: { ...PROMQLTEST_OPTIONS, delayedNameRemoval: false, startTimestamps: false },
        });
        for (const [k, step] of steps.entries()) {
          if (typeof step === 'string') continue;
          const result = await engine.instant({ query, queryable: storage, time: k * 60_000 });
          if (result.type !== 'vector') continue;
          const alone = result.samples.map(
            ({ labels, value: number, histogram }) =>
              [labels.key, histogram === undefined ? String(number) : formatHistogram(histogram)] as const,
          );
          expect(alone.toSorted(byLabels), `step ${k}`).toEqual([...step].sort(byLabels));
        }
      }),
      { numRuns: 200 },
    );
  });
});

function byLabels([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
