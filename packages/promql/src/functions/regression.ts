import { KahanSum } from '../eval/kahan.ts';
import type { RangeSeries } from '../eval/value.ts';

export interface Line {
  /** Per second. */
  readonly slope: number;
  /** At the time asked for. */
  readonly intercept: number;
}

const sumX = new KahanSum();
const sumY = new KahanSum();
const sumXY = new KahanSum();
const sumXX = new KahanSum();

/** The least-squares line through the samples `[from, to)`, its intercept at `origin` (ms). */
export function fitLine({ timestamps, values }: RangeSeries, from: number, to: number, origin: number): Line {
  for (const sum of [sumX, sumY, sumXY, sumXX]) sum.reset();
  const first = values[from];
  let constant = true;
  for (let i = from; i < to; i++) {
    const x = (timestamps[i] - origin) / 1000;
    const y = values[i];
    if (y !== first) constant = false;
    sumX.add(x);
    sumY.add(y);
    sumXY.add(x * y);
    sumXX.add(x * x);
  }
  if (constant) {
    // A flat line exactly: rounding must not tilt it.
    return Number.isFinite(first)
      ? { slope: 0, intercept: first }
      : { slope: Number.NaN, intercept: Number.NaN };
  }
  const count = to - from;
  const covariance = sumXY.value - (sumX.value * sumY.value) / count;
  const variance = sumXX.value - (sumX.value * sumX.value) / count;
  const slope = covariance / variance;
  return { slope, intercept: sumY.value / count - (slope * sumX.value) / count };
}
