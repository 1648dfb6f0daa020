import { element } from './element.ts';

/** `log10(v)`: the decimal logarithm. */
export const log10 = element(Math.log10);
