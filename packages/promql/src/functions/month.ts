import { dateFunction } from './date.ts';

/** `month(v = vector(time()))`: the month, 1 to 12, in UTC. */
export const month = dateFunction((date) => date.getUTCMonth() + 1);
