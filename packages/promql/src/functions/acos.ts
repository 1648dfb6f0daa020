import { element } from './element.ts';

/** `acos(v)`: the arc cosine, in radians. */
export const acos = element(Math.acos);
