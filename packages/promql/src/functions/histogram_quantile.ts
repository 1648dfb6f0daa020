import type { EvalContext } from '../eval/context.ts';
import { afterNameDrop } from '../eval/names.ts';
import { histogramQuantile } from '../histogram/quantile.ts';
import type { Span } from '../text/position.ts';
import { scalarArgument, vectorArgument } from './arguments.ts';
import type { Bucket, HistogramReader } from './classic-buckets.ts';
import { coalesce, forceMonotonic, perHistogram } from './classic-buckets.ts';
import type { WholeFunction } from './types.ts';

/**
 * `histogram_quantile(q, v)`. Of classic histograms it is linear inside the bucket where the rank falls. Counts that
 * drop from one bucket to the next are mended, with an info.
 */
export const histogram_quantile: WholeFunction = {
  kind: 'whole',
  async evaluate({ context, call, args }) {
    const quantiles = scalarArgument(args, 0);
    const vector = vectorArgument(args, 1);
    const quantileSpan = call.args[0]?.span ?? call.span;
    const vectorSpan = call.args[1]?.span ?? call.span;
    for (const q of quantiles) if (!(q >= 0 && q <= 1)) context.annotations.invalidQuantile(quantileSpan, q);
    const result = await perHistogram(
      context,
      vector,
      vectorSpan,
      quantileReader(context, quantiles, vectorSpan),
    );
    return afterNameDrop(context, result);
  },
};

/** The quantile of either kind of histogram, one per step, with its annotations. */
export function quantileReader(context: EvalContext, quantiles: Float64Array, span: Span): HistogramReader {
  const { annotations } = context;
  return {
    classic(buckets, step, metricName) {
      const { quantile, forced } = bucketQuantile(quantiles[step], buckets);
      if (forced) annotations.forcedMonotonicity(span, metricName);
      return quantile;
    },
    native(histogram, step, metricName) {
      const { value, nans } = histogramQuantile(quantiles[step], histogram);
      if (nans !== 'none') annotations.nanObservations(span, metricName, nans);
      return value;
    },
  };
}

interface QuantileResult {
  readonly quantile: number;
  readonly forced: boolean;
}

/** The q-quantile of ascending cumulative buckets, the last one `+Inf`; NaN when they are no histogram. */
function bucketQuantile(q: number, given: readonly Bucket[]): QuantileResult {
  const plain = (quantile: number): QuantileResult => ({ quantile, forced: false });
  if (Number.isNaN(q)) return plain(Number.NaN);
  if (q < 0) return plain(Number.NEGATIVE_INFINITY);
  if (q > 1) return plain(Number.POSITIVE_INFINITY);
  if (given.at(-1)?.upperBound !== Number.POSITIVE_INFINITY) return plain(Number.NaN);
  const buckets = coalesce(given);
  const forced = forceMonotonic(buckets);
  const observations = buckets.at(-1)?.count ?? 0;
  if (buckets.length < 2 || observations === 0 || Number.isNaN(observations))
    return { quantile: Number.NaN, forced };
  return { quantile: interpolate(q * observations, buckets), forced };
}

function interpolate(rank: number, buckets: readonly Bucket[]): number {
  const last = buckets.length - 1;
  let at = buckets.findIndex((bucket, index) => index < last && bucket.count >= rank);
  if (at === -1) at = last;
  const bound = (index: number): number => buckets[index]?.upperBound ?? Number.NaN;
  if (at === last) return bound(last - 1);
  // Nothing tells how far below zero the lowest bucket reaches.
  if (at === 0 && bound(0) <= 0) return bound(0);
  const below = at === 0 ? 0 : (buckets[at - 1]?.count ?? 0);
  const start = at === 0 ? 0 : bound(at - 1);
  const inside = (buckets[at]?.count ?? 0) - below;
  return start + (bound(at) - start) * ((rank - below) / inside);
}
