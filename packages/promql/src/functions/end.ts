import { constant } from './constant.ts';

/** `end()`: the end the whole query asked for, in seconds (experimental). */
export const end = constant((query) => query.end / 1000);
