import { folding } from './folding.ts';
import type { Aggregation } from './types.ts';

/** Population variance by Welford's method; `finish` turns it into the answer. Infinite input makes NaN. */
export function variance(finish: (variance: number) => number): Aggregation {
  return folding((cells) => {
    const counts = new Float64Array(cells);
    const means = new Float64Array(cells);
    const squares = new Float64Array(cells);
    return {
      add(base, { values, present }) {
        for (let k = 0; k < present.length; k++) {
          if (present[k] === 0) continue;
          const cell = base + k;
          const value = values[k];
          const count = counts[cell] + 1;
          const delta = value - means[cell];
          const mean = means[cell] + delta / count;
          counts[cell] = count;
          means[cell] = mean;
          squares[cell] = squares[cell] + delta * (value - mean);
        }
      },
      result: (cell) => finish(squares[cell] / counts[cell]),
    };
  });
}
