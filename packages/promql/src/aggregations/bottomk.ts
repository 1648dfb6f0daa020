import { top } from './top.ts';

/** `bottomk(k, x)`: the k smallest samples of each group. */
export const bottomk = top((a, b) => a - b || 0);
