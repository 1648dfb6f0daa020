import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketsOf, cumulate, quantileOf } from './histogram.ts';

const written = (...buckets: readonly (readonly [number, string, string, string])[]) => ({
  count: '0',
  sum: '0',
  buckets,
});

describe('native histograms of an answer', () => {
  it('are read from the lowest bucket up, whatever stands there', () => {
    expect(bucketsOf(written([0, '1', '2', '3'], [3, '-0.5', '0.5', '1'], [1, '-Inf', '-0.5', '2']))).toEqual(
      [
        { low: Number.NEGATIVE_INFINITY, high: -0.5, count: 2 },
        { low: -0.5, high: 0.5, count: 1 },
        { low: 1, high: 2, count: 3 },
      ],
    );
    fc.assert(fc.property(fc.jsonValue(), (value) => void bucketsOf({ buckets: value })));
  });

  it('have quantiles: between the bounds of exponential buckets by their ratio, of others evenly', () => {
    const exponential = bucketsOf(written([0, '1', '2', '10'], [0, '2', '4', '10']));
    expect(quantileOf(exponential, 0.75)).toBeCloseTo(2 * Math.SQRT2, 9);
    const given = bucketsOf(written([0, '0', '10', '10'], [0, '10', '+Inf', '10']));
    expect(quantileOf(given, 0.25)).toBe(5);
    expect(quantileOf(given, 0.99)).toBe(10);
    expect(quantileOf([], 0.5)).toBeNaN();
  });

  it('run up over time and series as classic buckets do, in at most 48 rows', () => {
    const one = bucketsOf(written([0, '1', '2', '3'], [0, '2', '4', '5']));
    const { bounds, counts } = cumulate([
      [10, one],
      [10, bucketsOf(written([0, '0.5', '1', '1']))],
      [20, one],
    ]);
    expect(bounds).toEqual(['1', '2', '4']);
    expect([...counts]).toEqual([
      [10, [1, 4, 9]],
      [20, [0, 3, 8]],
    ]);
    const wide = Array.from({ length: 100 }, (_, index) => ({ low: index, high: index + 1, count: 1 }));
    const many = cumulate([[0, wide]]);
    expect(many.bounds.length).toBeLessThanOrEqual(48);
    expect([many.bounds.at(-1), many.counts.get(0)?.at(-1)]).toEqual(['100', 100]);
  });
});
