import { BUCKET_FIELDS, type BucketColumns, emptyBuckets } from '@pharos/promql';

/** Some buckets of a series, in the given order. */
export function pickBuckets(buckets: BucketColumns, places: readonly number[]): BucketColumns {
  const picked = emptyBuckets(places.length);
  for (const field of BUCKET_FIELDS) {
    const column = buckets[field];
    picked[field].set(places.map((place) => column[place]));
  }
  return { labels: buckets.labels, from: 0, to: places.length, ...picked };
}
