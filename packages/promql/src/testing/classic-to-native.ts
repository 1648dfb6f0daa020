import type { Histogram } from '../histogram/histogram.ts';
import { CUSTOM_BUCKETS, createHistogram } from '../histogram/histogram.ts';
import { compactHistogram } from '../histogram/sum.ts';
import type { Labels } from '../labels.ts';
import { METRIC_NAME } from '../labels.ts';
import type { TestValue } from './memory-storage.ts';

type Samples = ReadonlyMap<number, TestValue>;

interface Family {
  readonly labels: Labels;
  readonly buckets: Map<number, Samples>;
  count: Samples | undefined;
  sum: Samples | undefined;
}

const SUFFIX = /_(bucket|count|sum)$/;

/**
 * `load_with_nhcb` (T-2): the series of classic histograms once more as histograms with custom buckets, under the name
 * without suffix. Series that are no part of a histogram are passed over.
 */
export function nativeFromClassic(
  series: Iterable<{ readonly labels: Labels; readonly samples: Samples }>,
): readonly { readonly labels: Labels; readonly samples: Samples }[] {
  const families = new Map<string, Family>();
  for (const { labels, samples } of series) {
    const suffix = SUFFIX.exec(labels.metricName)?.[1];
    if (suffix === undefined) continue;
    const base = labels.without(new Set(['le'])).with(METRIC_NAME, labels.metricName.replace(SUFFIX, ''));
    const family = families.get(base.key) ?? {
      labels: base,
      buckets: new Map(),
      count: undefined,
      sum: undefined,
    };
    families.set(base.key, family);
    if (suffix === 'count') family.count = samples;
    else if (suffix === 'sum') family.sum = samples;
    else family.buckets.set(boundOf(labels.get('le')), samples);
  }
  return [...families.values()]
    .filter(({ buckets }) => buckets.size > 0)
    .map((family) => ({ labels: family.labels, samples: histogramsOf(family) }));
}

function boundOf(text: string): number {
  return /^\+?inf$/i.test(text) ? Number.POSITIVE_INFINITY : Number(text);
}

function histogramsOf({ buckets, count, sum }: Family): Samples {
  const times = new Set<number>();
  for (const samples of buckets.values()) for (const time of samples.keys()) times.add(time);
  const result = new Map<number, TestValue>();
  for (const time of [...times].sort((a, b) => a - b)) {
    const cumulative: (readonly [bound: number, count: number])[] = [];
    for (const [bound, samples] of buckets) {
      const value = samples.get(time);
      if (typeof value === 'number') cumulative.push([bound, value]);
    }
    cumulative.sort(([a], [b]) => a - b);
    const histogram = toHistogram(cumulative, count?.get(time), sum?.get(time));
    if (histogram !== undefined) result.set(time, histogram);
  }
  return result;
}

function toHistogram(
  cumulative: readonly (readonly [bound: number, count: number])[],
  count: TestValue | undefined,
  sum: TestValue | undefined,
): Histogram | undefined {
  const highest = cumulative.at(-1);
  if (highest === undefined) return undefined;
  const total = typeof count === 'number' ? count : highest[1];
  const finite = cumulative.filter(([bound]) => bound !== Number.POSITIVE_INFINITY);
  const upTo = [
    ...finite.map(([, value]) => value),
    highest[0] === Number.POSITIVE_INFINITY ? highest[1] : total,
  ];
  const counts = upTo.map((value, i) => value - (upTo[i - 1] ?? 0));
  return compactHistogram(
    createHistogram({
      schema: CUSTOM_BUCKETS,
      count: total,
      sum: typeof sum === 'number' ? sum : 0,
      customValues: Float64Array.from(finite, ([bound]) => bound),
      positiveSpans: Int32Array.of(0, counts.length),
      positiveBuckets: Float64Array.from(counts),
    }),
  );
}
