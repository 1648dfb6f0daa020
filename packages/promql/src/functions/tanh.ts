import { element } from './element.ts';

/** `tanh(v)`: the hyperbolic tangent. */
export const tanh = element(Math.tanh);
