import { element } from './element.ts';

/** `rad(v)`: degrees in radians. */
export const rad = element((value) => (value * Math.PI) / 180);
