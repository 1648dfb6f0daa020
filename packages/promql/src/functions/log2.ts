import { element } from './element.ts';

/** `log2(v)`: the binary logarithm. */
export const log2 = element(Math.log2);
