import { element } from './element.ts';

/** `asinh(v)`: the inverse hyperbolic sine. */
export const asinh = element(Math.asinh);
