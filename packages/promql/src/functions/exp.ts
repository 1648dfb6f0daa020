import { element } from './element.ts';

/** `exp(v)`: e to the power of each value. */
export const exp = element(Math.exp);
