import { dateFunction } from './date.ts';

/** `minute(v = vector(time()))`: the minute of the hour, 0 to 59, in UTC. */
export const minute = dateFunction((date) => date.getUTCMinutes());
