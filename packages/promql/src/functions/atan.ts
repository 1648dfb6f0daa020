import { element } from './element.ts';

/** `atan(v)`: the arc tangent, in radians. */
export const atan = element(Math.atan);
