import { exponentialBound } from './bounds.ts';
import type { BucketRow } from './rows.ts';
import { filterRow } from './rows.ts';

/** The exponential buckets of a histogram with the zero bucket between them. */
export interface ZeroSides {
  readonly schema: number;
  readonly threshold: number;
  readonly zeroCount: number;
  readonly positive: BucketRow;
  readonly negative: BucketRow;
}

/**
 * The sides with a zero bucket at least as wide as `wanted`: what lies within becomes part of it. Where the threshold
 * falls into a populated bucket, it is widened to that bucket's end.
 */
export function widenZero(sides: ZeroSides, wanted: number): ZeroSides {
  if (sides.threshold >= wanted) return sides;
  const { schema } = sides;
  let threshold = wanted;
  for (let widened = true; widened; ) {
    widened = false;
    for (const { indexes, counts } of [sides.positive, sides.negative]) {
      for (let i = 0; i < indexes.length; i++) {
        if (exponentialBound(indexes[i] - 1, schema) >= threshold) break;
        const upper = exponentialBound(indexes[i], schema);
        if (upper > threshold && counts[i] !== 0) {
          threshold = upper;
          widened = true;
        }
      }
    }
  }
  let { zeroCount } = sides;
  const outside = (index: number, count: number): boolean => {
    if (exponentialBound(index - 1, schema) >= threshold) return true;
    zeroCount += count;
    return false;
  };
  const positive = filterRow(sides.positive, outside);
  const negative = filterRow(sides.negative, outside);
  return { schema, threshold, zeroCount, positive, negative };
}

/** Two sides with one and the same zero threshold. */
export function reconcileZero(a: ZeroSides, b: ZeroSides): readonly [ZeroSides, ZeroSides] {
  let [left, right] = [a, b];
  while (left.threshold !== right.threshold) {
    if (left.threshold < right.threshold) left = widenZero(left, right.threshold);
    else right = widenZero(right, left.threshold);
  }
  return [left, right];
}
