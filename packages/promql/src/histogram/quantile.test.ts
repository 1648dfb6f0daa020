import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHistogram } from '../notation/histogram.ts';
import { histograms } from '../testing/random-histograms.ts';
import { histogramFraction } from './fraction.ts';
import { histogramQuantile } from './quantile.ts';
import { trimHistogram } from './trim.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const either = fc.oneof(histograms('exponential'), histograms('custom'));
const cut = fc.oneof(
  fc.double({ min: -50, max: 50, noNaN: true }),
  fc.constantFrom(-Infinity, Infinity, 0, 1, 2, 5),
);

describe('histogramQuantile', () => {
  it('never falls as q rises', () => {
    fc.assert(
      fc.property(either, share, share, (histogram, a, b) => {
        fc.pre(histogram.count > 0);
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map(
          (q) => histogramQuantile(q, histogram).value,
        );
        expect(low).toBeLessThanOrEqual((high ?? Number.NaN) * (1 + 1e-9 * Math.sign(high ?? 0)) + 1e-9);
      }),
      { numRuns: 500 },
    );
  });

  it('is what histogramFraction turns back', () => {
    fc.assert(
      fc.property(
        histograms('exponential'),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        (histogram, q) => {
          fc.pre(histogram.count > 0);
          const { value } = histogramQuantile(q, histogram);
          // Where the zero bucket is a single point, or nothing stands between buckets, a value has a jump of ranks.
          fc.pre(value !== 0);
          const below = histogramFraction(-Infinity, value * (1 - 1e-9 * Math.sign(value)), histogram);
          const upTo = histogramFraction(-Infinity, value * (1 + 1e-9 * Math.sign(value)), histogram);
          expect(below).toBeLessThanOrEqual(q + 1e-6);
          expect(upTo).toBeGreaterThanOrEqual(q - 1e-6);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('answers the edges', () => {
    const { histogram } = readHistogram('{{count:4 sum:5 buckets:[1 2 1]}}');
    expect(histogramQuantile(-0.1, histogram).value).toBe(-Infinity);
    expect(histogramQuantile(1.1, histogram).value).toBe(Infinity);
    expect(histogramQuantile(Number.NaN, histogram).value).toBeNaN();
    expect(histogramQuantile(0.5, readHistogram('{{}}').histogram).value).toBeNaN();
    expect(histogramQuantile(1, histogram).value).toBe(4);
    expect(histogramQuantile(0, histogram).value).toBe(0.5);
  });

  it('says what NaN observations did', () => {
    const { histogram } = readHistogram('{{count:15 sum:NaN buckets:[12]}}');
    expect(histogramQuantile(0.8, histogram)).toEqual({ value: 1, nans: 'skewed' });
    expect(histogramQuantile(0.81, histogram)).toEqual({ value: Number.NaN, nans: 'reached' });
  });
});

describe('trimHistogram', () => {
  it('keeps below what fraction says is below', () => {
    fc.assert(
      fc.property(histograms('exponential'), cut, (histogram, at) => {
        fc.pre(histogram.count > 0);
        // A zero bucket of no width is at once at most and at least zero.
        fc.pre(at !== 0 || histogram.zeroThreshold > 0);
        const below = trimHistogram(histogram, 'below', at);
        const above = trimHistogram(histogram, 'above', at);
        expect(below.count + above.count).toBeCloseTo(histogram.count, 6);
        expect(below.count / histogram.count).toBeCloseTo(histogramFraction(-Infinity, at, histogram), 6);
      }),
      { numRuns: 500 },
    );
  });

  it('never keeps more than there was', () => {
    fc.assert(
      fc.property(histograms('custom'), cut, fc.constantFrom('below', 'above'), (histogram, at, side) => {
        const { count } = trimHistogram(histogram, side, at);
        expect(count).toBeGreaterThanOrEqual(0);
        expect(count).toBeLessThanOrEqual(histogram.count + 1e-9);
      }),
    );
  });
});
