import { quantileOf } from '../eval/quantile.ts';
import { slide } from '../eval/windows.ts';
import type { EverySample, RangeFunction } from './types.ts';

const kernel: EverySample['kernel'] = (series, windows, out) => {
  const scratch = new Float64Array(series.to - series.from);
  return slide(
    series,
    windows,
    1,
    ({ values }, from, to) => {
      const length = to - from;
      const window = values.subarray(from, to);
      if (window.some(Number.isNaN)) return Number.NaN;
      scratch.set(window);
      const median = quantileOf(0.5, scratch, length);
      for (let i = 0; i < length; i++) scratch[i] = Math.abs((values[from + i] ?? 0) - median);
      return quantileOf(0.5, scratch, length);
    },
    out,
  );
};

/** `mad_over_time(v[d])`: the median distance from the median (experimental). */
export const mad_over_time: RangeFunction = {
  kind: 'range',
  kernel,
  everySample: { nsOf: () => 60, kernel },
};
