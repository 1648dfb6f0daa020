import { element } from './element.ts';

/** `sinh(v)`: the hyperbolic sine. */
export const sinh = element(Math.sinh);
