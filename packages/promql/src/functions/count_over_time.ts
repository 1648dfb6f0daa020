import { overTime } from './over-time.ts';

/** `count_over_time(v[d])`: how many samples the window holds. */
export const count_over_time = overTime(1, (_series, from, to) => to - from, { timesOnly: true });
