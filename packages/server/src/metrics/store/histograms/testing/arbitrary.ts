import { CUSTOM_BUCKETS, type Histogram } from '@pharos/promql';
import fc from 'fast-check';

interface SideShape {
  readonly spans: Int32Array;
  readonly buckets: Float64Array;
}

const count = fc.oneof(fc.nat(200), fc.maxSafeNat());
const fraction = fc.oneof(fc.double(), fc.nat(), fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY));

function side(number: fc.Arbitrary<number>): fc.Arbitrary<SideShape> {
  const span = fc.tuple(fc.integer({ min: -1000, max: 1000 }), fc.nat(6));
  return fc.array(span, { maxLength: 5 }).chain((spans) =>
    fc
      .array(number, {
        minLength: spans.reduce((sum, [, length]) => sum + length, 0),
        maxLength: spans.reduce((sum, [, length]) => sum + length, 0),
      })
      .map((buckets) => ({ spans: Int32Array.from(spans.flat()), buckets: Float64Array.from(buckets) })),
  );
}

/** Any histogram whose spans and buckets fit together. */
export const anyHistogram: fc.Arbitrary<Histogram> = fc
  .boolean()
  .map((integers) => (integers ? count : fraction))
  .chain((number) =>
    fc.record({
      exponential: fc.integer({ min: -4, max: 8 }),
      custom: fc.option(fc.array(fc.double(), { maxLength: 6 }), { nil: undefined }),
      zeroThreshold: fc.oneof(fc.constant(2 ** -128), fc.double()),
      zeroCount: number,
      count: fraction,
      sum: fc.double(),
      positive: side(number),
      negative: side(number),
      resetHint: fc.constantFrom('unknown', 'reset', 'not_reset', 'gauge'),
    }),
  )
  .map(({ exponential, custom, positive, negative, ...rest }) => ({
    ...rest,
    schema: custom === undefined ? exponential : CUSTOM_BUCKETS,
    customValues: Float64Array.from(custom ?? []),
    positiveSpans: positive.spans,
    positiveBuckets: positive.buckets,
    negativeSpans: negative.spans,
    negativeBuckets: negative.buckets,
  }));

/** A counter histogram as a service would expose it: integer counts in `width` buckets around 1. */
export function exampleHistogram(observations: number, width = 8): Histogram {
  const buckets = Float64Array.from({ length: width }, (_, i) =>
    Math.floor((observations * (i + 1)) / (width * (width + 1))),
  );
  const inBuckets = buckets.reduce((sum, bucket) => sum + bucket, 0);
  return {
    schema: 3,
    zeroThreshold: 2 ** -128,
    zeroCount: observations - inBuckets,
    count: observations,
    sum: observations * 1.25,
    positiveSpans: Int32Array.of(-4, width),
    positiveBuckets: buckets,
    negativeSpans: new Int32Array(0),
    negativeBuckets: new Float64Array(0),
    customValues: new Float64Array(0),
    resetHint: 'unknown',
  };
}
