import { element } from './element.ts';

/** `ln(v)`: the natural logarithm; of 0 it is -Inf, of negatives NaN. */
export const ln = element(Math.log);
