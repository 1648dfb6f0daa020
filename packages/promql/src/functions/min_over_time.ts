import { extremeOverTime } from './extreme-over-time.ts';

/** `min_over_time(v[d])`: the smallest value in the window. */
export const min_over_time = extremeOverTime('min');
