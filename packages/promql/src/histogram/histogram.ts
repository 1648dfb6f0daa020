/**
 * One native histogram sample with float counts, as stored, evaluated and answered; integer histograms become one on their way in.
 * Immutable: whoever changes one makes a new one.
 *
 * Spans are pairs (offset, length) in one array: the first offset is the first bucket's index, each later one the gap of
 * empty buckets before it. The buckets hold absolute counts, one per bucket of the spans, in their order.
 *
 * Source: the Prometheus native histogram specification.
 */
export interface Histogram {
  /** -4 to 8: bucket bounds grow by 2^(2^-schema). CUSTOM_BUCKETS: the bounds are `customValues`. */
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  readonly positiveSpans: Int32Array;
  readonly positiveBuckets: Float64Array;
  readonly negativeSpans: Int32Array;
  readonly negativeBuckets: Float64Array;
  /** Upper bounds of custom buckets, rising, without +Inf; empty for exponential schemas. */
  readonly customValues: Float64Array;
  readonly resetHint: ResetHint;
}

export type ResetHint = 'unknown' | 'reset' | 'not_reset' | 'gauge';

/** The schema of histograms with custom bucket bounds. */
export const CUSTOM_BUCKETS = -53;

const NO_SPANS = new Int32Array(0);
const NO_NUMBERS = new Float64Array(0);

/** A histogram from what is not zero or empty. */
export function createHistogram(parts: Partial<Histogram>): Histogram {
  return {
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    count: 0,
    sum: 0,
    positiveSpans: NO_SPANS,
    positiveBuckets: NO_NUMBERS,
    negativeSpans: NO_SPANS,
    negativeBuckets: NO_NUMBERS,
    customValues: NO_NUMBERS,
    resetHint: 'unknown',
    ...parts,
  };
}

export function hasCustomBuckets(histogram: Pick<Histogram, 'schema'>): boolean {
  return histogram.schema === CUSTOM_BUCKETS;
}

export function withResetHint(histogram: Histogram, resetHint: ResetHint): Histogram {
  return histogram.resetHint === resetHint ? histogram : { ...histogram, resetHint };
}
