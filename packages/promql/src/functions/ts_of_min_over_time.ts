import type { WindowFunction } from '../eval/windows.ts';
import { overTime } from './over-time.ts';

const latestOf: WindowFunction = ({ values, timestamps }, from, to) => {
  let at = from;
  for (let i = from + 1; i < to; i++) {
    const best = values[at] ?? Number.NaN;
    if ((values[i] ?? Number.NaN) <= best || Number.isNaN(best)) at = i;
  }
  return (timestamps[at] ?? 0) / 1000;
};

/** `ts_of_min_over_time(v[d])`: when the smallest value in the window was last seen, in seconds (experimental). */
export const ts_of_min_over_time = overTime(1, latestOf, { nsPerSample: 2.5 });
