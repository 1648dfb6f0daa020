import { folding } from './folding.ts';
import type { Aggregation } from './types.ts';

/** `min` and `max`: NaN only when there is nothing else. */
export function extreme(better: (candidate: number, best: number) => boolean): Aggregation {
  return folding((cells) => {
    const best = new Float64Array(cells).fill(Number.NaN);
    return {
      add(base, { values, present }) {
        for (let k = 0; k < present.length; k++) {
          if (present[k] === 0) continue;
          const value = values[k];
          const known = best[base + k];
          if (known !== known || better(value, known)) best[base + k] = value;
        }
      },
      result: (cell) => best[cell],
    };
  });
}
