import { overTime } from './over-time.ts';

/** `ts_of_last_over_time(v[d])`: the time of the newest sample in the window, in seconds (experimental). */
export const ts_of_last_over_time = overTime(
  1,
  ({ timestamps }, _from, to) => (timestamps[to - 1] ?? 0) / 1000,
  { timesOnly: true },
);
