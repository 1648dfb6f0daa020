import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createQueryEngine } from '../engine.ts';
import { Labels } from '../labels.ts';
import { MemoryStorage, type TestValue } from '../testing/memory-storage.ts';
import { ScanningStorage } from '../testing/scanning-storage.ts';

const engine = createQueryEngine();

const value = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: -1e3, max: 1e6, noNaN: true }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 30 }) },
  { weight: 1, arbitrary: fc.constantFrom<TestValue>('stale', Number.NaN, Number.POSITIVE_INFINITY) },
);

/** At times of their own, or at those of others as of one target. */
const samples = fc.oneof(
  fc.array(fc.tuple(fc.integer({ min: 1, max: 50_000 }), value), { maxLength: 20 }).map((steps) => {
    let time = 0;
    return steps.map(([gap, one]) => [(time += gap), one] as const);
  }),
  fc
    .tuple(fc.constantFrom(7_000, 15_000), fc.array(value, { minLength: 10, maxLength: 40 }))
    .map(([gap, values]) => values.map((one, i) => [3_000 + i * gap, one] as const)),
  fc
    .array(value, { minLength: 20, maxLength: 20 })
    .map((values) => values.map((one, i) => [i * 12_000 + (i % 3) * 40, one] as const)),
);

/** Few names and values, so that dropping names often makes label sets equal. */
const data = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('a_total', 'b_total', 'c'),
    job: fc.constantFrom('', 'x', 'y'),
    instance: fc.constantFrom('1', '2', '3'),
    samples,
  }),
  { selector: ({ name, job, instance }) => `${name} ${job} ${instance}`, maxLength: 12 },
);

const QUERIES = [
  'a_total',
  'a_total offset 30s',
  'a_total @ 100',
  'timestamp(a_total)',
  'sum(a_total)',
  'sum by (job) (rate(a_total[2m]))',
  'sum by (__name__) (rate({__name__=~"a_total|c"}[2m]))',
  'sum by (job) (rate({__name__=~".+_total"}[2m]))',
  'avg without (instance) (max_over_time({__name__=~".+"}[1m]))',
  'max by (job, __name__) (last_over_time({__name__=~".+"}[1m]))',
  'count(quantile_over_time(0.3, b_total[3m] offset 1m))',
  'stddev by (job) ({__name__=~"a_total|b_total"})',
  'group by (instance) (present_over_time(c[90s]))',
  'topk(1, rate(a_total[2m]))',
  'sum(rate(a_total[2m])) / sum(rate(a_total[1m]))',
  'rate({__name__=~".+"}[2m])',
  'absent_over_time(a_total[1m])',
  'a_total + on (job, instance) c',
  'max_over_time(sum(rate(a_total[1m]))[3m:30s])',
  'avg_over_time(rate({__name__=~".+_total"}[1m])[3m:15s])',
  'last_over_time({__name__=~".+"}[2m:15s])',
  'rate(sum by (job) (a_total)[2m:20s])',
  'sum by (job) (sum_over_time(c[4m:10s]))',
  'quantile_over_time(0.5, (a_total > 5)[2m:10s] offset 20s)',
  'absent_over_time(c[1m:10s])',
  'avg_over_time(c[4m:10s] @ 200)',
  'sum(rate(a_total[2m] @ 200))',
  'min by (job) (c) or min(b_total)',
  'a_total * on (job, instance) c',
  'a_total / ignoring (nothing) b_total',
  'a_total > on (job, instance) c',
  'c <= bool on (instance, job) a_total',
  'rate(a_total[2m]) / on (job) group_left sum by (job) (rate(a_total[2m]))',
  'sum by (job) (rate(c[2m])) + on (job) group_right rate(c[2m])',
  'sum(increase({__name__=~".+"}[1m])) - count(increase({__name__=~".+"}[1m]))',
  'sum(delta(c[1m])) + max_over_time(sum(delta(c[1m]))[2m:20s])',
  'quantile_over_time(2, c[1m]) - quantile_over_time(2, c[1m])',
  'sum by (job) (a_total) * on (job) group_right (instance) b_total',
  'a_total * on (job) c',
  '{__name__=~"a_total|b_total"} + on (job, instance) group_left c',
  'c + on (job, instance) group_right {__name__=~"a_total|b_total"}',
  '(a_total + on (job, instance) c) / on (instance, job) b_total',
  'a_total * 2 > 100',
  '1 - rate({__name__=~"a_total|b_total"}[2m])',
  '{__name__=~".+"} >= bool 0',
  '-(a_total < 7)',
  'a_total and on (job) c > 0',
  'c and ignoring (job) {__name__=~"a_total|b_total"} > 5',
  '{__name__=~"a_total|c"} and on () b_total',
  '(a_total > 5) and on (job, instance) c < 60',
  'c unless on (instance) a_total',
  '{__name__=~".+"} unless ignoring (instance) (c < 20)',
  'rate(a_total[1m]) unless on (job) rate(b_total[1m])',
  'sum((a_total and c) unless on (job) b_total)',
] as const;

async function answer(storage: MemoryStorage, query: string): Promise<unknown> {
  const range = { query, queryable: storage, start: 0, end: 400_000, step: 20_000 };
  try {
    const { series, warnings, infos } = await engine.range(range);
    const points = series.map(({ labels, values, present }) => [
      labels.key,
      Array.from(values, (value, k) => (present[k] === 1 ? String(value) : '')),
    ]);
    return { points, warnings, infos };
  } catch (error) {
    return String(error);
  }
}

const INSTANTS = [
  'sort(a_total)',
  'sort_desc(2 * c)',
  'sort(max_over_time(sort(c)[1m:20s]))',
  'c / on (job, instance) a_total',
] as const;

async function sampled(storage: MemoryStorage, query: string): Promise<unknown> {
  const result = await engine.instant({ query, queryable: storage, time: 200_000 });
  return result.type === 'vector' && result.samples.map(({ labels, value }) => [labels.key, value]);
}

describe('evaluation over scans', () => {
  it('answers what evaluation over fetched samples answers', async () => {
    await fc.assert(
      fc.asyncProperty(data, async (all) => {
        const [plain, scanning] = [new MemoryStorage(), new ScanningStorage()];
        for (const { name, job, instance, samples: own } of all) {
          const labels = Labels.fromRecord({ __name__: name, job, instance });
          plain.add(labels, own);
          scanning.add(labels, own);
        }
        for (const query of QUERIES) {
          const expected = await answer(plain, query);
          // Asked again, over what was kept of the label sets.
          for (const turn of ['first', 'second'])
            expect(await answer(scanning, query), `${query}, ${turn}`).toEqual(expected);
        }
        for (const query of INSTANTS)
          expect(await sampled(scanning, query), query).toEqual(await sampled(plain, query));
        expect(scanning.scans).toBeGreaterThan(QUERIES.length / 2);
      }),
      { numRuns: 20 },
    );
  });

  it('gives the rows of a range and of an instant in one piece too', async () => {
    const storage = new ScanningStorage();
    for (const instance of ['2', '1', '3'])
      storage.add(Labels.fromRecord({ __name__: 'c', instance }), [[10_000, Number(instance)]]);
    const query = { query: '10 * c', queryable: storage };
    const range = await engine.range({ ...query, start: 0, end: 10_000, step: 5_000 });
    const instant = await engine.instant({ ...query, time: 10_000 });
    if (instant.type !== 'vector') throw new TypeError(`expected a vector, got ${instant.type}`);
    expect(range.series.map(({ labels }) => labels.get('instance'))).toEqual(['1', '2', '3']);
    for (const [{ matrix }, asked] of [
      [range, range.series.map(({ labels, values }) => [labels, values[2]])],
      [instant, instant.samples.map(({ labels, value }) => [labels, value])],
    ] as const) {
      const { items, rows, labels, steps, values } = matrix ?? expect.fail('expected a matrix');
      expect(
        Array.from(items, (item, i) => [labels.sets[item], values[rows[i] * steps + steps - 1]]),
      ).toEqual(asked);
    }
  });

  it('starts again over fetched samples where the storage moved on', async () => {
    const storage = new ScanningStorage();
    storage.add(Labels.fromRecord({ __name__: 'a_total' }), [
      [1_000, 1],
      [60_000, 3],
    ]);
    storage.moving = true;
    const result = await engine.instant({ query: 'sum(a_total)', queryable: storage, time: 60_000 });
    expect(result).toMatchObject({ type: 'vector', samples: [{ value: 3 }], stats: { samplesRead: 2 } });
    expect([storage.scans, storage.requests.length]).toEqual([1, 1]);
  });
});
