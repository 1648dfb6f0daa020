import { slideGeneral } from '../eval/windows.ts';
import { overTime } from './over-time.ts';

/** `last_over_time(v[d])`: the newest value in the window; keeps the name. */
export const last_over_time = overTime(1, ({ values }, _from, to) => values[to - 1] ?? Number.NaN, {
  keepsName: true,
  general: (series, windows, out) =>
    slideGeneral(
      series,
      windows,
      1,
      ({ values, histograms }, _from, to) => histograms?.[to - 1] ?? values[to - 1],
      out,
    ),
});
