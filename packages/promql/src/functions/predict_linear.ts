import { timeAt } from '../eval/value.ts';
import { slide } from '../eval/windows.ts';
import { fitLine } from './regression.ts';
import type { EverySample, RangeFunction } from './types.ts';

const kernel: EverySample['kernel'] = (series, windows, out, { grid, scalars: [ahead] }) => {
  return slide(
    series,
    windows,
    2,
    (one, from, to, _end, step) => {
      const { slope, intercept } = fitLine(one, from, to, timeAt(grid, step));
      return slope * (ahead?.[step] ?? Number.NaN) + intercept;
    },
    out,
  );
};

/** `predict_linear(v[d], t)`: where the least-squares line through the window will be in t seconds. */
export const predict_linear: RangeFunction = {
  kind: 'range',
  kernel,
  everySample: { nsOf: () => 11, kernel },
};
