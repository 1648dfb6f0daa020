import { extremeOverTime } from './extreme-over-time.ts';

/** `max_over_time(v[d])`: the largest value in the window. */
export const max_over_time = extremeOverTime('max');
