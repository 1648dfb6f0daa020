import type { ElementFunction } from './types.ts';

/** `round(v, to = 1)`: to the nearest multiple of `to`, halves up. */
export const round: ElementFunction = {
  kind: 'element',
  apply: (value, step, [to]) => {
    // Multiplying by the inverse keeps 0.1 and its like exact where dividing would not.
    const inverse = 1 / (to?.[step] ?? 1);
    return Math.floor(value * inverse + 0.5) / inverse;
  },
};
