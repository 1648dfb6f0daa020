/**
 * The quantile of an ascending array of `length` values, linear between neighbours. Below 0 it is -Inf, above 1
 * +Inf, of nothing or at NaN it is NaN.
 */
export function quantileOfSorted(quantile: number, sorted: Float64Array, length = sorted.length): number {
  if (length === 0 || Number.isNaN(quantile)) return Number.NaN;
  if (quantile < 0) return Number.NEGATIVE_INFINITY;
  if (quantile > 1) return Number.POSITIVE_INFINITY;
  const rank = quantile * (length - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(length - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  return sorted[lower] * (1 - weight) + sorted[upper] * weight;
}

/** Sorts the first `length` values ascending, NaN first, as Prometheus orders them for quantiles. */
export function sortNanFirst(values: Float64Array, length = values.length): Float64Array {
  const view = values.subarray(0, length);
  view.sort();
  // Typed arrays sort NaN last.
  let nans = 0;
  while (nans < length && Number.isNaN(view[length - 1 - nans])) nans++;
  if (nans > 0 && nans < length) {
    view.copyWithin(nans, 0, length - nans);
    view.fill(Number.NaN, 0, nans);
  }
  return view;
}
