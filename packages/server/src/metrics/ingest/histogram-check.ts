import { CUSTOM_BUCKETS, type Histogram } from '@pharos/promql';

/** Schemas finer than this are reduced to it on their way in (RW-7). */
const FINEST_SCHEMA = 8;
const COARSEST_SCHEMA = -4;
const FINEST_KNOWN_SCHEMA = 52;
/** More buckets than this are an attack or an accident; 160 is usual. */
const MAX_BUCKETS = 100_000;

/**
 * What is wrong with a native histogram as a client sent it, or null: the rules of the Prometheus native histogram specification.
 * `exactCounts` for integer histograms, whose buckets must add up to the count; a float histogram's may be off by rounding.
 */
export function histogramProblem(histogram: Histogram, exactCounts: boolean): string | null {
  const { schema } = histogram;
  const custom = schema === CUSTOM_BUCKETS;
  if (!custom && (schema < COARSEST_SCHEMA || schema > FINEST_KNOWN_SCHEMA))
    return `schema ${schema}, expected ${COARSEST_SCHEMA} to ${FINEST_SCHEMA} or ${CUSTOM_BUCKETS}`;
  const layout =
    layoutProblem('positive', histogram.positiveSpans, histogram.positiveBuckets) ??
    layoutProblem('negative', histogram.negativeSpans, histogram.negativeBuckets) ??
    (custom ? customProblem(histogram) : exponentialProblem(histogram));
  return layout ?? countProblem(histogram, exactCounts);
}

function layoutProblem(side: string, spans: Int32Array, buckets: Float64Array): string | null {
  let length = 0;
  for (let i = 0; i < spans.length; i += 2) {
    if (i > 0 && spans[i] < 0) return `${side} span ${i / 2 + 1} has offset ${spans[i]}, expected 0 or more`;
    // A length beyond 2^31 was wrapped by the column.
    if (spans[i + 1] < 0) return `${side} span ${i / 2 + 1} is too long`;
    length += spans[i + 1];
  }
  if (length !== buckets.length)
    return `${side} spans hold ${length} buckets, but ${buckets.length} were sent`;
  if (length > MAX_BUCKETS) return `${length} ${side} buckets, expected at most ${MAX_BUCKETS}`;
  for (const count of buckets)
    if (!(count >= 0)) return `a ${side} bucket has count ${count}, expected 0 or more`;
  return null;
}

function customProblem(histogram: Histogram): string | null {
  const { customValues, positiveSpans, negativeBuckets, negativeSpans } = histogram;
  if (negativeBuckets.length > 0 || negativeSpans.length > 0) return 'custom buckets with negative buckets';
  if (histogram.zeroCount !== 0 || histogram.zeroThreshold !== 0) return 'custom buckets with a zero bucket';
  for (let i = 0; i < customValues.length; i++) {
    const bound = customValues[i];
    if (Number.isNaN(bound) || bound === Number.POSITIVE_INFINITY)
      return `custom bound ${bound}, expected a number below +Inf`;
    if (i > 0 && bound <= customValues[i - 1])
      return `custom bound ${bound} after ${customValues[i - 1]}, expected rising bounds`;
  }
  let end = 0;
  for (let i = 0; i < positiveSpans.length; i += 2) {
    if (i === 0 && positiveSpans[0] < 0)
      return `custom buckets begin at ${positiveSpans[0]}, expected 0 or more`;
    end += positiveSpans[i] + positiveSpans[i + 1];
  }
  return end > customValues.length + 1 ? `bucket ${end} of ${customValues.length} custom bounds` : null;
}

function exponentialProblem(histogram: Histogram): string | null {
  if (histogram.customValues.length > 0) return `custom bounds with schema ${histogram.schema}`;
  if (!(histogram.zeroThreshold >= 0)) return `zero threshold ${histogram.zeroThreshold}, expected 0 or more`;
  return null;
}

function countProblem(histogram: Histogram, exact: boolean): string | null {
  const { zeroCount, count } = histogram;
  if (!(zeroCount >= 0)) return `zero bucket with count ${zeroCount}, expected 0 or more`;
  if (!(count >= 0)) return `count ${count}, expected 0 or more`;
  if (!exact) return null;
  const inBuckets = sum(histogram.positiveBuckets) + sum(histogram.negativeBuckets) + zeroCount;
  // Observations of NaN are in the count, in no bucket, and make the sum NaN.
  if (Number.isNaN(histogram.sum) ? inBuckets > count : inBuckets !== count)
    return `the buckets hold ${inBuckets} observations, the count says ${count}`;
  return null;
}

function sum(counts: Float64Array): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}

/** The histogram at schema 8 when it is finer, its buckets merged (RW-7); else itself. */
export function reducedToFinest(histogram: Histogram): Histogram {
  const { schema } = histogram;
  if (schema <= FINEST_SCHEMA || schema === CUSTOM_BUCKETS) return histogram;
  const factor = 2 ** (schema - FINEST_SCHEMA);
  const positive = mergedBuckets(histogram.positiveSpans, histogram.positiveBuckets, factor);
  const negative = mergedBuckets(histogram.negativeSpans, histogram.negativeBuckets, factor);
  return {
    ...histogram,
    schema: FINEST_SCHEMA,
    positiveSpans: positive.spans,
    positiveBuckets: positive.buckets,
    negativeSpans: negative.spans,
    negativeBuckets: negative.buckets,
  };
}

/** Bucket i covers up to base^i, so that `factor` buckets end with one of the coarser schema: its index is ceil(i / factor). */
function mergedBuckets(
  spans: Int32Array,
  buckets: Float64Array,
  factor: number,
): { spans: Int32Array; buckets: Float64Array } {
  const indices: number[] = [];
  const counts: number[] = [];
  let index = 0;
  let at = 0;
  for (let i = 0; i < spans.length; i += 2) {
    index += spans[i];
    for (let left = spans[i + 1]; left > 0; left--, index++, at++) {
      const merged = Math.ceil(index / factor);
      if (indices.at(-1) === merged) counts[counts.length - 1] += buckets[at];
      else {
        indices.push(merged);
        counts.push(buckets[at]);
      }
    }
  }
  return { spans: spansOf(indices), buckets: Float64Array.from(counts) };
}

/** Spans (offset, length) of rising bucket indices. */
export function spansOf(indices: readonly number[]): Int32Array {
  const spans: number[] = [];
  let next = 0;
  for (const index of indices) {
    if (spans.length > 0 && index === next) spans[spans.length - 1]++;
    else spans.push(index - next, 1);
    next = index + 1;
  }
  return Int32Array.from(spans);
}
