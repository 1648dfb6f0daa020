import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHistogram } from '../notation/histogram.ts';
import { histograms } from '../testing/random-histograms.ts';
import { detectReset } from './reset.ts';
import { HistogramSum } from './sum.ts';

const read = (text: string): ReturnType<typeof readHistogram>['histogram'] =>
  readHistogram(`{{${text}}}`).histogram;

describe('detectReset', () => {
  it.each([
    ['a hint', 'count:9 counter_reset_hint:reset', 'count:1', true],
    ['a hint against it', 'count:1 counter_reset_hint:not_reset', 'count:9', false],
    ['a smaller count', 'count:1', 'count:2', true],
    ['one smaller bucket', 'count:5 buckets:[1 1 3]', 'count:4 buckets:[1 2 1]', true],
    ['a bucket gone', 'count:5 buckets:[5]', 'count:4 buckets:[3 1]', true],
    ['an empty bucket gone', 'count:5 buckets:[5]', 'count:4 buckets:[4 0]', false],
    ['a new bucket', 'count:5 buckets:[4 1]', 'count:4 buckets:[4]', false],
    ['a finer resolution', 'schema:1 count:5', 'schema:0 count:4', true],
    [
      'a coarser resolution',
      'schema:0 count:5 buckets:[5] offset:1',
      'schema:1 count:4 buckets:[2 2] offset:1',
      false,
    ],
    ['a narrower zero bucket', 'count:5 z_bucket_w:0.1', 'count:4 z_bucket_w:0.2', true],
    [
      'a wider zero bucket that took buckets in',
      'count:5 z_bucket:5 z_bucket_w:1',
      'count:4 buckets:[4]',
      false,
    ],
    ['a zero bucket that ends in a bucket', 'count:5 z_bucket:5 z_bucket_w:0.7', 'count:4 buckets:[4]', true],
    ['another kind of buckets', 'count:5', 'schema:-53 count:4 custom_values:[1]', true],
    [
      'other bounds, told in common ones',
      'schema:-53 count:4 custom_values:[1 2] buckets:[1 2 1]',
      'schema:-53 count:3 custom_values:[2] buckets:[3]',
      false,
    ],
    [
      'other bounds, a common one fell',
      'schema:-53 count:4 custom_values:[1 2] buckets:[1 1 2]',
      'schema:-53 count:3 custom_values:[2] buckets:[3]',
      true,
    ],
  ])('%s', (_name, now, before, expected) => {
    expect(detectReset(read(now), read(before))).toBe(expected);
  });

  it('finds none in a counter that only grew', () => {
    for (const kind of ['exponential', 'custom'] as const)
      fc.assert(
        fc.property(histograms(kind), histograms(kind), (before, more) => {
          const sum = new HistogramSum(before);
          sum.add(more);
          expect(detectReset(sum.toHistogram(), before)).toBe(false);
        }),
        { numRuns: 300 },
      );
  });
});
