import { overTime } from './over-time.ts';
import { fitLine } from './regression.ts';

/** `deriv(v[d])`: the slope per second of the least-squares line through the window. */
export const deriv = overTime(
  2,
  (series, from, to) => fitLine(series, from, to, series.timestamps[from] ?? 0).slope,
  { nsPerSample: 11 },
);
