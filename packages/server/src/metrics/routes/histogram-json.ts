import { formatValue, type Histogram, histogramBuckets } from '@pharos/promql';

/**
 * A native histogram as the API writes it (PQ-5): all numbers as texts, empty buckets left out; a bucket begins with how
 * its bounds are meant: 0 = (lo,hi], 1 = [lo,hi), 2 = (lo,hi), 3 = [lo,hi].
 */
export function histogramText(histogram: Histogram): string {
  const buckets: string[] = [];
  for (const { lower, upper, lowerInclusive, upperInclusive, count } of histogramBuckets(histogram)) {
    if (count === 0) continue;
    const rule = lowerInclusive ? (upperInclusive ? 3 : 1) : upperInclusive ? 0 : 2;
    buckets.push(`[${rule},"${formatValue(lower)}","${formatValue(upper)}","${formatValue(count)}"]`);
  }
  const numbers = `"count":"${formatValue(histogram.count)}","sum":"${formatValue(histogram.sum)}"`;
  return buckets.length === 0 ? `{${numbers}}` : `{${numbers},"buckets":[${buckets.join(',')}]}`;
}
