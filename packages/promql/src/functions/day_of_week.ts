import { dateFunction } from './date.ts';

/** `day_of_week(v = vector(time()))`: the day of the week, 0 for Sunday, in UTC. */
export const day_of_week = dateFunction((date) => date.getUTCDay());
