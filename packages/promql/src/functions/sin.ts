import { element } from './element.ts';

/** `sin(v)`: the sine of radians. */
export const sin = element(Math.sin);
