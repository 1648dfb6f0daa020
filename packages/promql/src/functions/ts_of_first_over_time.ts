import { overTime } from './over-time.ts';

/** `ts_of_first_over_time(v[d])`: the time of the oldest sample in the window, in seconds (experimental). */
export const ts_of_first_over_time = overTime(1, ({ timestamps }, from) => (timestamps[from] ?? 0) / 1000, {
  timesOnly: true,
});
