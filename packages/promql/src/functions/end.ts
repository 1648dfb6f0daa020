import { constant } from './constant.ts';

/** `end()`: the last step of the whole query, in seconds (experimental). */
export const end = constant((query) => (query.start + query.step * (query.count - 1)) / 1000);
