import { constant } from './constant.ts';

/** `start()`: the first step of the whole query, in seconds (experimental). */
export const start = constant(({ start: first }) => first / 1000);
