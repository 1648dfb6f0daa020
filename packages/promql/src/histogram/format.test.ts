import { expect, it } from 'vitest';
import { readHistogram } from '../notation/histogram.ts';
import { exponentialBound } from './bounds.ts';
import { formatHistogram } from './format.ts';
import { histogramVariance } from './variance.ts';

it('prints every populated bucket, lowest first', () => {
  const { histogram } = readHistogram(
    '{{count:20 sum:10 z_bucket_w:0.001 z_bucket:2 buckets:[1 0 2] n_buckets:[1 2]}}',
  );
  expect(formatHistogram(histogram)).toBe(
    '{count:20, sum:10, [-2,-1):2, [-1,-0.5):1, [-0.001,0.001]:2, (0.5,1]:1, (2,4]:2}',
  );
});

it('bounds are exact at whole powers and end at the largest number', () => {
  expect(exponentialBound(0, 0)).toBe(1);
  expect(exponentialBound(-1074, 0)).toBe(2 ** -1074);
  expect(exponentialBound(16, 3)).toBe(4);
  expect(exponentialBound(1024, 0)).toBe(Number.MAX_VALUE);
  expect(exponentialBound(512, -1)).toBe(Number.MAX_VALUE);
  expect(exponentialBound(1024 * 256, 8)).toBe(Number.MAX_VALUE);
  expect(exponentialBound(1, 1)).toBeCloseTo(Math.SQRT2, 15);
});

it('variance of one bucket is the distance of its middle from the mean', () => {
  const { histogram } = readHistogram('{{schema:-53 count:2 sum:6 custom_values:[2 6] buckets:[0 2]}}');
  expect(histogramVariance(histogram)).toBe(1);
});
