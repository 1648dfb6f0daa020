import { element } from './element.ts';

/** `abs(v)`: the size of each value. */
export const abs = element(Math.abs);
