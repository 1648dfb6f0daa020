import type { ElementFunction } from './types.ts';

/** `clamp_min(v, min)`: values below min become min. */
export const clamp_min: ElementFunction = {
  kind: 'element',
  apply: (value, step, [low]) => Math.max(low?.[step] ?? Number.NaN, value),
};
