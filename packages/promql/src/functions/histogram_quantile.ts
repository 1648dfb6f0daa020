import type { EvalContext } from '../eval/context.ts';
import { afterNameDrop } from '../eval/names.ts';
import { histogramQuantile } from '../histogram/quantile.ts';
import type { Span } from '../text/position.ts';
import { scalarArgument, vectorArgument } from './arguments.ts';
import type { Buckets, HistogramReader } from './classic-buckets.ts';
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

/** The q-quantile of a histogram's buckets; NaN when they are none. */
function bucketQuantile(q: number, buckets: Buckets): QuantileResult {
  if (Number.isNaN(q)) return plain(Number.NaN);
  if (q < 0) return plain(Number.NEGATIVE_INFINITY);
  if (q > 1) return plain(Number.POSITIVE_INFINITY);
  if (!buckets.areWhole) return plain(Number.NaN);
  coalesce(buckets);
  const forced = forceMonotonic(buckets);
  const observations = buckets.total;
  if (buckets.length < 2 || observations === 0 || Number.isNaN(observations))
    return { quantile: Number.NaN, forced };
  return { quantile: interpolate(q * observations, buckets), forced };
}

const plain = (quantile: number): QuantileResult => ({ quantile, forced: false });

function interpolate(rank: number, { bounds, counts, length }: Buckets): number {
  const last = length - 1;
  let at = 0;
  while (at < last && !(counts[at] >= rank)) at++;
  if (at === last) return bounds[last - 1];
  // Nothing tells how far below zero the lowest bucket reaches.
  if (at === 0 && bounds[0] <= 0) return bounds[0];
  const below = at === 0 ? 0 : counts[at - 1];
  const start = at === 0 ? 0 : bounds[at - 1];
  const inside = counts[at] - below;
  return start + (bounds[at] - start) * ((rank - below) / inside);
}
