import { KahanSum } from '../eval/kahan.ts';
import { slide } from '../eval/windows.ts';
import { slideSums, windowsOverlapWidely } from './sliding-sum.ts';
import type { RangeFunction } from './types.ts';

const total = new KahanSum();

/** `sum_over_time(v[d])`: the compensated sum of the window. */
export const sum_over_time: RangeFunction = {
  kind: 'range',
  kernel(series, windows, out) {
    if (windowsOverlapWidely(windows)) return slideSums(series, windows, out, (sum, lost) => sum + lost);
    return slide(
      series,
      windows,
      1,
      ({ values }, from, to) => {
        total.reset();
        for (let i = from; i < to; i++) total.add(values[i]);
        return total.value;
      },
      out,
    );
  },
};
