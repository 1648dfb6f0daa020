import { element } from './element.ts';

/** `cosh(v)`: the hyperbolic cosine. */
export const cosh = element(Math.cosh);
