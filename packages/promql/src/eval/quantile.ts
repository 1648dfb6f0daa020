/**
 * The quantile of the first `length` values, which are reordered: linear between neighbours, NaN below everything else. Below 0 it is
 * -Inf, above 1 +Inf, of nothing or at NaN it is NaN.
 *
 * Two values of all are wanted, so they are selected (Hoare, "Algorithm 65: find", 1961) instead of sorting the others as well.
 */
export function quantileOf(quantile: number, values: Float64Array, length = values.length): number {
  if (length === 0 || Number.isNaN(quantile)) return Number.NaN;
  if (quantile < 0) return Number.NEGATIVE_INFINITY;
  if (quantile > 1) return Number.POSITIVE_INFINITY;
  const rank = quantile * (length - 1);
  const lower = Math.floor(rank);
  const upper = Math.min(length - 1, lower + 1);
  const nans = nansFirst(values, length);
  const below = lower < nans ? Number.NaN : select(values, nans, length, lower);
  const above = upper < nans || upper === lower ? below : least(values, upper, length);
  return between(below, above, rank - lower);
}

/** What lies at a share of the way from one value to the next. */
export function between(below: number, above: number, share: number): number {
  return below * (1 - share) + above * share;
}

/** Moves NaN to the beginning; answers how many there are. */
function nansFirst(values: Float64Array, length: number): number {
  let nans = 0;
  for (let i = 0; i < length; i++) {
    if (!Number.isNaN(values[i])) continue;
    values[i] = values[nans];
    values[nans++] = Number.NaN;
  }
  return nans;
}

/** Rounds after which a part that will not shrink is sorted: an order that is made for it takes the square of its length. */
const MOST_ROUNDS = 64;

/** Puts the value at its place in order between two indices: nothing before it is larger, nothing after it smaller. No NaN among them. */
function select(values: Float64Array, from: number, to: number, place: number): number {
  let low = from;
  let high = to - 1;
  for (let round = 0; low < high; round++) {
    if (round === MOST_ROUNDS) {
      values.subarray(low, high + 1).sort();
      break;
    }
    const pivot = middleOf(values[low], values[(low + high) >> 1], values[high]);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const other = values[i];
      values[i++] = values[j];
      values[j--] = other;
    }
    if (place <= j) high = j;
    else if (place >= i) low = i;
    else break;
  }
  return values[place];
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function least(values: Float64Array, from: number, to: number): number {
  let found = values[from];
  for (let i = from + 1; i < to; i++) if (values[i] < found) found = values[i];
  return found;
}
