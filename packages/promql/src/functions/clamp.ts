import type { ElementFunction } from './types.ts';

/** `clamp(v, min, max)`: values forced into [min, max]; nothing where max < min. */
export const clamp: ElementFunction = {
  kind: 'element',
  keep: (step, [low, high]) => !((high?.[step] ?? 0) < (low?.[step] ?? 0)),
  apply: (value, step, [low, high]) =>
    Math.max(low?.[step] ?? Number.NaN, Math.min(high?.[step] ?? Number.NaN, value)),
};
