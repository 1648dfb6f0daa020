import { bucketsOf, Labels } from '@pharos/promql';
import { expect, it } from 'vitest';
import { MAX_BLOCK_ROWS } from '../../engine/types.ts';
import { BucketRows } from './rows.ts';

it('cuts rows into blocks that each fit an insert, and keeps none back', () => {
  const minutes = Array.from({ length: 24 * 60 }, (_, k) => (k + 1) * 60_000);
  const timestamps = Float64Array.from(minutes);
  const series = { labels: Labels.EMPTY, timestamps, values: new Float64Array(1440), from: 0, to: 1440 };
  const buckets = bucketsOf(series, 60_000);
  const rows = new BucketRows(1, 60_000);
  const taken: number[] = [];
  for (let i = 0; i < 300; i++) rows.add('default', { metric: 1, low: i, high: 0 }, buckets);
  for (const block of rows.take(false)) taken.push(block.rows);
  expect(rows.take(false)).toEqual([]);
  expect(taken.length).toBeGreaterThan(1);
  for (const block of rows.take(true)) taken.push(block.rows);
  expect(rows.take(true)).toEqual([]);
  expect(taken.reduce((sum, count) => sum + count, 0)).toBe(300 * 1440);
  expect(Math.max(...taken)).toBeLessThan(MAX_BLOCK_ROWS);
});
