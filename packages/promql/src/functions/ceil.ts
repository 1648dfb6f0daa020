import { element } from './element.ts';

/** `ceil(v)`: each value rounded up. */
export const ceil = element(Math.ceil);
