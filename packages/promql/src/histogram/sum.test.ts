import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHistogram } from '../notation/histogram.ts';
import { histograms } from '../testing/random-histograms.ts';
import { bucketsOf } from './buckets.ts';
import { equalHistograms } from './equal.ts';
import type { Histogram } from './histogram.ts';
import { withResetHint } from './histogram.ts';
import { compactHistogram, divideHistogram, HistogramSum, scaleHistogram } from './sum.ts';

const read = (text: string): Histogram => readHistogram(`{{${text}}}`).histogram;

function add(a: Histogram, b: Histogram): Histogram {
  const sum = new HistogramSum(a);
  expect(sum.add(b)).not.toBe('incompatible');
  return sum.toHistogram();
}

const inBuckets = (histogram: Histogram): number =>
  bucketsOf(histogram).reduce((total, { count }) => total + count, 0);

describe('HistogramSum', () => {
  it('brings exponential histograms to the lower resolution', () => {
    const sum = add(
      read('schema:1 count:4 sum:1 buckets:[1 1 1 1] offset:1'),
      read('schema:0 count:1 sum:2 buckets:[1] offset:1'),
    );
    expect(equalHistograms(sum, read('schema:0 count:5 sum:3 buckets:[3 2] offset:1'))).toBe(true);
  });

  it('widens the zero bucket to the end of a populated bucket it reaches into', () => {
    const sum = add(
      read('schema:0 count:2 z_bucket:1 z_bucket_w:0.75 buckets:[1] offset:3'),
      read('schema:0 count:3 buckets:[1 2]'),
    );
    expect(sum).toMatchObject({ zeroThreshold: 1, zeroCount: 2, count: 5 });
    expect(bucketsOf(sum).map(({ upper, count }) => [upper, count])).toEqual([
      [1, 2],
      [2, 2],
      [8, 1],
    ]);
  });

  it('keeps the custom bounds both have', () => {
    const sum = new HistogramSum(read('schema:-53 count:6 custom_values:[1 2 3] buckets:[1 2 3]'));
    expect(sum.add(read('schema:-53 count:7 custom_values:[2 4] buckets:[4 2 1]'))).toBe('reconciled');
    expect(
      equalHistograms(sum.toHistogram(), read('schema:-53 count:13 custom_values:[2] buckets:[7 6]')),
    ).toBe(true);
  });

  it('refuses exponential with custom buckets and stays as it was', () => {
    const sum = new HistogramSum(read('count:1 buckets:[1]'));
    expect(sum.add(read('schema:-53 count:1 custom_values:[1] buckets:[1]'))).toBe('incompatible');
    expect(equalHistograms(sum.toHistogram(), read('count:1 buckets:[1]'))).toBe(true);
  });

  it('does not lose small numbers beside huge ones', () => {
    const sum = new HistogramSum(read('count:1 sum:1'));
    for (const text of ['count:1 sum:1e100', 'count:1 sum:1', 'count:1 sum:-1e100']) sum.add(read(text));
    expect(sum.toHistogram().sum).toBe(2);
  });

  it.each([
    ['reset', 'reset', 'reset', false],
    ['not_reset', 'not_reset', 'not_reset', false],
    ['gauge', 'reset', 'gauge', false],
    ['not_reset', 'gauge', 'gauge', false],
    ['unknown', 'not_reset', 'unknown', false],
    ['reset', 'unknown', 'unknown', false],
    ['reset', 'not_reset', 'unknown', true],
  ] as const)('hints %s and %s make %s', (a, b, expected, collide) => {
    const sum = new HistogramSum(withResetHint(read('count:1'), a));
    sum.add(withResetHint(read('count:1'), b));
    expect(sum.toHistogram().resetHint).toBe(expected);
    expect(sum.resetsCollide).toBe(collide);
  });

  it('loses no observation, whatever the layouts, and minds no order', () => {
    fc.assert(
      fc.property(histograms('exponential'), histograms('exponential'), (a, b) => {
        const [ab, ba] = [add(a, b), add(b, a)];
        expect(inBuckets(ab)).toBe(inBuckets(a) + inBuckets(b));
        expect(ab.count).toBe(a.count + b.count);
        expect(equalHistograms(ab, ba)).toBe(true);
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(histograms('custom'), histograms('custom'), (a, b) => {
        expect(inBuckets(add(a, b))).toBe(inBuckets(a) + inBuckets(b));
        expect(equalHistograms(add(a, b), add(b, a))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('gives back what was added when that is taken away', () => {
    fc.assert(
      fc.property(histograms('custom'), (a) => {
        const sum = new HistogramSum(a);
        sum.add(a);
        sum.add(a, -1);
        expect(equalHistograms(sum.toHistogram(), compactHistogram(a))).toBe(true);
      }),
    );
  });
});

describe('scaling', () => {
  it('makes a gauge of a negative multiple', () => {
    expect(scaleHistogram(read('count:2 sum:3 buckets:[2]'), -1)).toMatchObject({
      count: -2,
      sum: -3,
      resetHint: 'gauge',
    });
  });

  it('leaves nothing but the zero bucket when divided by zero', () => {
    const divided = divideHistogram(read('count:2 sum:-3 z_bucket:1 buckets:[1]'), 0);
    expect(divided).toMatchObject({ count: Infinity, sum: -Infinity, zeroCount: Infinity });
    expect(divided.positiveBuckets).toHaveLength(0);
  });
});
