import { element } from './element.ts';

/** `tan(v)`: the tangent of radians. */
export const tan = element(Math.tan);
