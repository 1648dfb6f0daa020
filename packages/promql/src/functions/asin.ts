import { element } from './element.ts';

/** `asin(v)`: the arc sine, in radians. */
export const asin = element(Math.asin);
