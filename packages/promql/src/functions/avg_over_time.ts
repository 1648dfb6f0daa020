import { KahanSum } from '../eval/kahan.ts';
import { slide } from '../eval/windows.ts';
import { aggregateOverTime } from './aggregate-over-time.ts';
import { isWorthSliding, slideSums } from './sliding-sum.ts';
import type { RangeFunction } from './types.ts';

const total = new KahanSum();

/** `avg_over_time(v[d])`: the mean of the window; of huge values too, whose sum would overflow. */
export const avg_over_time: RangeFunction = {
  kind: 'range',
  kernel(series, windows, out) {
    const { values } = series;
    if (isWorthSliding(series, windows))
      return slideSums(series, windows, out, (sum, lost, from, to) => finish(values, sum, lost, from, to));
    return slide(series, windows, 1, (_series, from, to) => meanOf(values, from, to), out);
  },
  general: aggregateOverTime('mean', meanOf),
  nsPerHistogram: 500,
};

function meanOf(values: Float64Array, from: number, to: number): number {
  total.reset();
  for (let i = from; i < to; i++) total.add(values[i]);
  return finish(values, total.sum, total.compensation, from, to);
}

function finish(values: Float64Array, sum: number, lost: number, from: number, to: number): number {
  return Number.isFinite(sum) ? sum / (to - from) + lost / (to - from) : scaledMean(values, from, to);
}

/** The mean by shares: no intermediate result exceeds the largest value. Infinite values stay what they are. */
function scaledMean(values: Float64Array, from: number, to: number): number {
  let mean = 0;
  for (let i = from; i < to; i++) {
    const seen = i - from + 1;
    mean = ((seen - 1) / seen) * mean + values[i] / seen;
  }
  return mean;
}
