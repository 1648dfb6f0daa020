import type { ElementFunction } from './types.ts';

/** `clamp_max(v, max)`: values above max become max. */
export const clamp_max: ElementFunction = {
  kind: 'element',
  apply: (value, step, [high]) => Math.min(high?.[step] ?? Number.NaN, value),
};
