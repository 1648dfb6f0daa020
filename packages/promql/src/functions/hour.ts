import { dateFunction } from './date.ts';

/** `hour(v = vector(time()))`: the hour of the day, 0 to 23, in UTC. */
export const hour = dateFunction((date) => date.getUTCHours());
