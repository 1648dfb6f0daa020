import { dateFunction } from './date.ts';

/** `year(v = vector(time()))`: the year, in UTC. */
export const year = dateFunction((date) => date.getUTCFullYear());
