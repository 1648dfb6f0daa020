/** Buckets of durations, four to a doubling: a quantile read from them is off by a fifth at most. */
const PER_DOUBLING = 4;
const BUCKETS = 256;

/** The bucket of a duration in nanoseconds. */
export function bucketOf(nanos: number): number {
  return Math.min(BUCKETS - 1, Math.floor(Math.log2(nanos + 1) * PER_DOUBLING));
}

/** The q-quantile in nanoseconds of counts by bucket, interpolated on the logarithm; null without observations. */
export function quantileOf(counts: ReadonlyMap<number, number>, q: number): number | null {
  let total = 0;
  for (const count of counts.values()) total += count;
  if (total === 0) return null;
  const rank = q * total;
  let before = 0;
  let last = 0;
  for (const [bucket, count] of [...counts].sort(([a], [b]) => a - b)) {
    if (count === 0) continue;
    last = bucket + 1;
    if (before + count >= rank) {
      last = bucket + (rank - before) / count;
      break;
    }
    before += count;
  }
  return 2 ** (last / PER_DOUBLING) - 1;
}
