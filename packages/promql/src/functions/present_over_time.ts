import { overTime } from './over-time.ts';

/** `present_over_time(v[d])`: 1 where the window holds any sample. */
export const present_over_time = overTime(1, () => 1, { timesOnly: true });
