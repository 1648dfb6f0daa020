import { element } from './element.ts';

/** `acosh(v)`: the inverse hyperbolic cosine. */
export const acosh = element(Math.acosh);
