import { variance } from './variance.ts';

/** `stddev`: population standard deviation over a group. */
export const stddev = variance(Math.sqrt);
