import type { Histogram } from './histogram.ts';
import { HistogramSum, scaleHistogram } from './sum.ts';

/** Several histograms as one. `incompatible`: the index of the first that does not fit those before it. */
export type Combined =
  | { readonly incompatible: number }
  | {
      readonly incompatible: undefined;
      readonly histogram: Histogram;
      readonly reconciled: boolean;
      readonly resetsCollide: boolean;
    };

/**
 * The sum or the mean of at least one histogram. The mean is a sum divided at the end, or where that would overflow
 * a sum of shares.
 */
export function combineHistograms(all: readonly Histogram[], how: 'sum' | 'mean'): Combined {
  if (how === 'sum') return summed(all, 1);
  if (all.length === 1) return summed(all, 1);
  const total = summed(all, 1);
  if (total.incompatible !== undefined) return total;
  if (!overflowed(total.histogram) || all.some(overflowed))
    return { ...total, histogram: scaleHistogram(total.histogram, 1 / all.length) };
  return summed(all, 1 / all.length);
}

function summed(all: readonly Histogram[], factor: number): Combined {
  const [first, ...rest] = all;
  if (first === undefined) throw new RangeError('no histograms to combine');
  const sum = new HistogramSum(first, factor);
  let reconciled = false;
  for (const [i, one] of rest.entries()) {
    const outcome = sum.add(one, factor);
    if (outcome === 'incompatible') return { incompatible: i + 1 };
    if (outcome === 'reconciled') reconciled = true;
  }
  return {
    incompatible: undefined,
    histogram: sum.toHistogram(),
    reconciled,
    resetsCollide: sum.resetsCollide,
  };
}

function overflowed({ count, sum, zeroCount, positiveBuckets, negativeBuckets }: Histogram): boolean {
  const infinite = (value: number): boolean =>
    value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;
  return (
    infinite(count) ||
    infinite(sum) ||
    infinite(zeroCount) ||
    positiveBuckets.some(infinite) ||
    negativeBuckets.some(infinite)
  );
}
