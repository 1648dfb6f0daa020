import { formatGeneral } from '../text/format-value.ts';
import { bucketsOf } from './buckets.ts';
import type { Histogram } from './histogram.ts';

/** A histogram as Prometheus prints it: `{count:3, sum:2, (0.5,1]:1, (1,2]:2}`; what `count_values` labels with. */
export function formatHistogram(histogram: Histogram): string {
  const parts = [`count:${formatGeneral(histogram.count)}`, `sum:${formatGeneral(histogram.sum)}`];
  for (const { lower, upper, lowerInclusive, upperInclusive, count } of bucketsOf(histogram)) {
    if (count === 0) continue;
    const range = `${formatGeneral(lower)},${formatGeneral(upper)}`;
    parts.push(`${lowerInclusive ? '[' : '('}${range}${upperInclusive ? ']' : ')'}:${formatGeneral(count)}`);
  }
  return `{${parts.join(', ')}}`;
}
