import { element } from './element.ts';

/** `deg(v)`: radians in degrees. */
export const deg = element((value) => (value * 180) / Math.PI);
