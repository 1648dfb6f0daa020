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
