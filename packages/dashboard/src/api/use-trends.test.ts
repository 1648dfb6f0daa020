import { expect, it } from 'vitest';
import { trendOf } from './use-trends.ts';

const over = (values: (number | null)[]) => ({ start: 0, step: 5, values });

it('thins a trend to what a sparkline can show and keeps the newest value', () => {
  const values = Array.from({ length: 121 }, (_, index) => index);
  const trend = trendOf({
    name: 'order',
    throughput: over(values),
    errors: over([null, 0.5]),
    slowestEndpoints: [],
  });
  expect(trend!.requestRate.length).toBeLessThanOrEqual(61);
  expect(trend!.requestRate.at(-1)).toBe(120);
  expect(trend!.errorRatio).toEqual([null, 0.5]);
  expect(trend!.p95).toEqual([]);
  expect(trendOf({ name: 'idle', slowestEndpoints: [] })).toBeNull();
});
