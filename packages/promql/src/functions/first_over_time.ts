import { slideGeneral } from '../eval/windows.ts';
import { overTime } from './over-time.ts';

/** `first_over_time(v[d])`: the oldest value in the window; keeps the name. */
export const first_over_time = overTime(1, ({ values }, from) => values[from] ?? Number.NaN, {
  keepsName: true,
  general: (series, windows, out) =>
    slideGeneral(
      series,
      windows,
      1,
      ({ values, histograms }, from) => histograms?.[from] ?? values[from],
      out,
    ),
});
