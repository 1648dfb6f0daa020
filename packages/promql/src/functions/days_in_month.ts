import { dateFunction } from './date.ts';

/** `days_in_month(v = vector(time()))`: the days the month has, 28 to 31, in UTC. */
export const days_in_month = dateFunction((date) =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate(),
);
