import { dateFunction } from './date.ts';

/** `day_of_year(v = vector(time()))`: the day of the year, 1 to 366, in UTC. */
export const day_of_year = dateFunction(
  (date) =>
    (Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) -
      Date.UTC(date.getUTCFullYear(), 0, 1)) /
      86_400_000 +
    1,
);
