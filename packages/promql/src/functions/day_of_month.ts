import { dateFunction } from './date.ts';

/** `day_of_month(v = vector(time()))`: the day of the month, 1 to 31, in UTC. */
export const day_of_month = dateFunction((date) => date.getUTCDate());
