/** Native histograms of an answer, made into lines and rows that charts can draw. */

/** One bucket: `(low, high]`, with how many observations fell into it. */
export interface Bucket {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

function numberOf(text: unknown): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}

/** The buckets of a histogram as the Prometheus HTTP API writes it (PQ-5: `[rule, low, high, count]`), from the lowest up. */
export function bucketsOf(value: unknown): readonly Bucket[] {
  const buckets =
    typeof value === 'object' && value !== null && 'buckets' in value && Array.isArray(value.buckets)
      ? value.buckets
      : [];
  return buckets
    .flatMap((bucket: unknown) =>
      Array.isArray(bucket)
        ? [{ low: numberOf(bucket[1]), high: numberOf(bucket[2]), count: numberOf(bucket[3]) }]
        : [],
    )
    .filter(({ low, high, count }) => high > low && Number.isFinite(count))
    .sort((a, b) => a.high - b.high);
}

/** Buckets of the exponential layouts grow by 2^(2^-n); others were given by hand and are read linearly, as PromQL does. */
function isExponential({ low, high }: Bucket): boolean {
  if (!(low > 0) || !Number.isFinite(high)) return false;
  const power = Math.log2(Math.log2(high / low));
  return Math.abs(power - Math.round(power)) < 1e-6;
}

/** The value below which the share `q` (0 to 1) of the observations lies; NaN of an empty histogram. */
export function quantileOf(buckets: readonly Bucket[], q: number): number {
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  if (!(total > 0)) return Number.NaN;
  let below = 0;
  for (const bucket of buckets) {
    const { low, high, count } = bucket;
    if (below + count < q * total) {
      below += count;
      continue;
    }
    const share = count === 0 ? 0 : Math.max(0, (q * total - below) / count);
    if (!Number.isFinite(high)) return low;
    if (!Number.isFinite(low)) return high;
    return isExponential(bucket) ? low * (high / low) ** share : low + (high - low) * share;
  }
  return buckets.at(-1)?.high ?? Number.NaN;
}

/** Drawn in place of a histogram where a chart has lines. */
export const QUANTILES = [0.5, 0.95, 0.99] as const;

export interface Cumulated {
  /** Upper bounds as `le` writes them, rising. */
  readonly bounds: readonly string[];
  /** Per instant: how many observations were at most each bound. */
  readonly counts: ReadonlyMap<number, readonly number[]>;
}

/** More rows than this are thinner than a line of text. */
const MOST_BOUNDS = 48;

/**
 * Histograms added up instant by instant and counted up to each bound, as classic `le` buckets are. Where there are too many bounds
 * some are left out: of counts that run up nothing is lost by that but detail.
 */
export function cumulate(samples: readonly (readonly [at: number, buckets: readonly Bucket[]])[]): Cumulated {
  const all = [...new Set(samples.flatMap(([, buckets]) => buckets.map(({ high }) => high)))].sort(
    (a, b) => a - b,
  );
  const every = Math.max(1, Math.ceil(all.length / MOST_BOUNDS));
  // Counted from the top, so that the last bound stays.
  const bounds = all.filter((_, index) => (all.length - 1 - index) % every === 0);
  const counts = new Map<number, number[]>();
  for (const [at, buckets] of samples) {
    const sums = counts.get(at) ?? bounds.map(() => 0);
    counts.set(at, sums);
    let next = 0;
    let below = 0;
    bounds.forEach((bound, place) => {
      for (; next < buckets.length && (buckets[next]?.high ?? 0) <= bound; next++)
        below += buckets[next]?.count ?? 0;
      sums[place] = (sums[place] ?? 0) + below;
    });
  }
  return {
    bounds: bounds.map((bound) => (bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound))),
    counts,
  };
}
