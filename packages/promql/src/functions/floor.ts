import { element } from './element.ts';

/** `floor(v)`: each value rounded down. */
export const floor = element(Math.floor);
