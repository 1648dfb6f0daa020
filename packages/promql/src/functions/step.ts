import { constant } from './constant.ts';

/** `step()`: the step of the whole query, in seconds; 0 for an instant query (experimental). */
export const step = constant((query) => (query.count === 1 ? 0 : query.step / 1000));
