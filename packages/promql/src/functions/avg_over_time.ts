import { KahanSum } from '../eval/kahan.ts';
import { overTime } from './over-time.ts';

const total = new KahanSum();

/** `avg_over_time(v[d])`: the mean of the window; of huge values too, whose sum would overflow. */
export const avg_over_time = overTime(1, ({ values }, from, to) => {
  const count = to - from;
  total.reset();
  for (let i = from; i < to; i++) {
    total.add(values[i]);
    if (!Number.isFinite(total.sum) && Number.isFinite(values[i])) return scaledMean(values, from, to);
  }
  return total.sum / count + total.compensation / count;
});

/** The mean by shares: no intermediate result exceeds the largest value. */
function scaledMean(values: Float64Array, from: number, to: number): number {
  let mean = 0;
  for (let i = from; i < to; i++) {
    const seen = i - from + 1;
    mean = ((seen - 1) / seen) * mean + values[i] / seen;
  }
  return mean;
}
