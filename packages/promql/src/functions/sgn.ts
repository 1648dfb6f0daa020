import { element } from './element.ts';

/** `sgn(v)`: 1, -1 or 0 for positive, negative and zero. */
export const sgn = element(Math.sign);
