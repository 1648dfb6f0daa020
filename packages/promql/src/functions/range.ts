import { constant } from './constant.ts';

/** `range()`: from the start of the whole query to its end, in seconds (experimental). */
export const range = constant((query) => (query.end - query.start) / 1000);
