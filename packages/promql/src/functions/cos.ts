import { element } from './element.ts';

/** `cos(v)`: the cosine of radians. */
export const cos = element(Math.cos);
