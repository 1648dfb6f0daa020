import { top } from './top.ts';

/** `topk(k, x)`: the k largest samples of each group. */
export const topk = top((a, b) => b - a || 0);
