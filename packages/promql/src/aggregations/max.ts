import { extreme } from './extreme.ts';

/** `max`: the largest value of a group. */
export const max = extreme((candidate, best) => candidate > best);
