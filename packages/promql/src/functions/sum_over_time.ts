import { KahanSum } from '../eval/kahan.ts';
import { slide } from '../eval/windows.ts';
import { aggregateOverTime } from './aggregate-over-time.ts';
import { isWorthSliding, slideSums } from './sliding-sum.ts';
import type { RangeFunction } from './types.ts';

const total = new KahanSum();

function sumOf(values: Float64Array, from: number, to: number): number {
  total.reset();
  for (let i = from; i < to; i++) total.add(values[i]);
  return total.value;
}

/** `sum_over_time(v[d])`: the compensated sum of the window. */
export const sum_over_time: RangeFunction = {
  kind: 'range',
  kernel(series, windows, out) {
    if (isWorthSliding(series, windows)) return slideSums(series, windows, out, (sum, lost) => sum + lost);
    return slide(series, windows, 1, ({ values }, from, to) => sumOf(values, from, to), out);
  },
  general: aggregateOverTime('sum', sumOf),
  nsPerHistogram: 500,
};
