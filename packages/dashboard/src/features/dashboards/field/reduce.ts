/** Ways to make one figure of many values; gaps never count. */
type Reduce = (values: readonly number[], all: ArrayLike<number | null>) => number | null;

const last = (values: readonly number[]): number | null => values.at(-1) ?? null;
const first = (values: readonly number[]): number | null => values[0] ?? null;
const least = (values: readonly number[]): number =>
  values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
const most = (values: readonly number[]): number =>
  values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;

/** Linear between the neighbours, as PromQL's quantile. */
function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = q * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

const REDUCERS: Readonly<Record<string, Reduce>> = {
  lastNotNull: last,
  last: (_, all) => {
    const value = all[all.length - 1];
    return value == null || Number.isNaN(value) ? null : value;
  },
  firstNotNull: first,
  first: (_, all) => {
    const value = all[0];
    return value == null || Number.isNaN(value) ? null : value;
  },
  min: least,
  max: most,
  mean,
  sum,
  count: (values) => values.length,
  range: (values) => most(values) - least(values),
  diff: (values) => (values.at(-1) ?? 0) - (values[0] ?? 0),
  stdDev: (values) => {
    const middle = mean(values);
    return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
  },
  median: (values) => quantile(values, 0.5),
  p95: (values) => quantile(values, 0.95),
  distinctCount: (values) => new Set(values).size,
};

/** Words for the ways, for legends and editors. */
export const REDUCER_WORDS: Readonly<Record<string, string>> = {
  lastNotNull: 'last',
  last: 'last, gaps too',
  firstNotNull: 'first',
  first: 'first, gaps too',
  min: 'min',
  max: 'max',
  mean: 'mean',
  sum: 'sum',
  count: 'count',
  range: 'range',
  diff: 'difference',
  stdDev: 'deviation',
  median: 'median',
  p95: 'p95',
  distinctCount: 'distinct',
  name: 'name',
};

/** One figure by the named way; null when there is no value at all. */
export function reduce(how: string, all: ArrayLike<number | null>): number | null {
  const values: number[] = [];
  for (let index = 0; index < all.length; index++) {
    const value = all[index];
    if (value != null && !Number.isNaN(value)) values.push(value);
  }
  const way = Object.hasOwn(REDUCERS, how) ? REDUCERS[how] : undefined;
  return values.length === 0 ? null : (way ?? last)(values, all);
}
