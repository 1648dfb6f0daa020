import fc from 'fast-check';
import type { Histogram } from '../histogram/histogram.ts';
import { CUSTOM_BUCKETS, createHistogram } from '../histogram/histogram.ts';

const row = (lowest: number, most: number): fc.Arbitrary<{ spans: Int32Array; counts: Float64Array }> =>
  fc
    .tuple(
      fc.integer({ min: lowest, max: lowest + 20 }),
      fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: most }),
    )
    .map(([offset, counts]) => ({
      spans: counts.length === 0 ? new Int32Array(0) : Int32Array.of(offset, counts.length),
      counts: Float64Array.from(counts),
    }));

/** Plausible histograms with whole counts, as a counter's storage would hold them; the count is that of the buckets. */
export function histograms(kind: 'exponential' | 'custom'): fc.Arbitrary<Histogram> {
  return kind === 'custom' ? custom : exponential;
}

const exponential = fc
  .record({
    schema: fc.integer({ min: -4, max: 8 }),
    zeroThreshold: fc.constantFrom(0, 1e-128, 0.001, 0.3, 1, 5),
    zeroCount: fc.integer({ min: 0, max: 9 }),
    sum: fc.integer({ min: -1000, max: 1000 }),
    positive: row(-10, 12),
    negative: row(-10, 6),
  })
  .map(({ positive, negative, ...rest }) => {
    // Buckets begin outside the zero bucket, as a client's do.
    const low = Math.max(0, Math.ceil(Math.log2(rest.zeroThreshold || 1e-3) * 2 ** rest.schema)) + 1;
    const shifted = (spans: Int32Array): Int32Array =>
      spans.map((value, i) => (i === 0 ? value + 10 + low : value));
    return createHistogram({
      ...rest,
      positiveSpans: shifted(positive.spans),
      positiveBuckets: positive.counts,
      negativeSpans: shifted(negative.spans),
      negativeBuckets: negative.counts,
      count: rest.zeroCount + total(positive.counts) + total(negative.counts),
    });
  });

const custom = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: -5, max: 30 }), { minLength: 0, maxLength: 8 }),
    fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 9 }),
    fc.integer({ min: -1000, max: 1000 }),
  )
  .map(([bounds, counts, sum]) => {
    const kept = Float64Array.from(counts.slice(0, bounds.length + 1));
    return createHistogram({
      schema: CUSTOM_BUCKETS,
      customValues: Float64Array.from(bounds).sort(),
      positiveSpans: kept.length === 0 ? new Int32Array(0) : Int32Array.of(0, kept.length),
      positiveBuckets: kept,
      sum,
      count: total(kept),
    });
  });

function total(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
