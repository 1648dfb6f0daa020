import { executionError } from '../errors.ts';
import { slide } from '../eval/windows.ts';
import type { EverySample, RangeFunction } from './types.ts';

const kernel: EverySample['kernel'] = (series, windows, out, { scalars: [smoothing, trend] }) => {
  return slide(
    series,
    windows,
    2,
    ({ values }, from, to, _end, step) => {
      const sf = smoothing?.[step] ?? 0;
      const tf = trend?.[step] ?? 0;
      let before = 0;
      let level = values[from] ?? 0;
      let slope = (values[from + 1] ?? 0) - level;
      for (let i = from + 1; i < to; i++) {
        if (i > from + 1) slope = tf * (level - before) + (1 - tf) * slope;
        before = level;
        level = sf * (values[i] ?? 0) + (1 - sf) * (level + slope);
      }
      return level;
    },
    out,
  );
};

/** `double_exponential_smoothing(v[d], sf, tf)`: Holt's linear smoothing of the window (experimental). */
export const double_exponential_smoothing: RangeFunction = {
  kind: 'range',
  prepare({ scalars: [smoothing, trend] }) {
    requireFactor('smoothing', 'sf', smoothing);
    requireFactor('trend', 'tf', trend);
  },
  kernel,
  everySample: { nsOf: () => 11, kernel },
};

function requireFactor(name: string, short: string, values: Float64Array | undefined): void {
  for (const value of values ?? [])
    if (!(value > 0 && value < 1))
      throw executionError(`invalid ${name} factor. Expected: 0 < ${short} < 1, got: ${value.toFixed(6)}`);
}
