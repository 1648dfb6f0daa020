import { extreme } from './extreme.ts';

/** `min`: the smallest value of a group. */
export const min = extreme((candidate, best) => candidate < best);
