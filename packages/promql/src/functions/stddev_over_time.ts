import { varianceOverTime } from './variance-over-time.ts';

/** `stddev_over_time(v[d])`: population standard deviation of the window. */
export const stddev_over_time = varianceOverTime(Math.sqrt);
