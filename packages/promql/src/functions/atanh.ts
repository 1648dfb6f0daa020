import { element } from './element.ts';

/** `atanh(v)`: the inverse hyperbolic tangent. */
export const atanh = element(Math.atanh);
