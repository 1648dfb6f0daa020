import { element } from './element.ts';

/** `sqrt(v)`: the square root. */
export const sqrt = element(Math.sqrt);
