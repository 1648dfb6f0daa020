import { constant } from './constant.ts';

/** `range()`: from the first step of the whole query to the last, in seconds (experimental). */
export const range = constant((query) => (query.step * (query.count - 1)) / 1000);
