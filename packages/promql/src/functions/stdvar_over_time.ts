import { varianceOverTime } from './variance-over-time.ts';

/** `stdvar_over_time(v[d])`: population variance of the window. */
export const stdvar_over_time = varianceOverTime((variance) => variance);
