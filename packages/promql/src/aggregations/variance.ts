import type { Aggregation } from './types.ts';
import { folding } from './types.ts';

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
          const value = values[k] ?? 0;
          const count = (counts[cell] ?? 0) + 1;
          const delta = value - (means[cell] ?? 0);
          const mean = (means[cell] ?? 0) + delta / count;
          counts[cell] = count;
          means[cell] = mean;
          squares[cell] = (squares[cell] ?? 0) + delta * (value - mean);
        }
      },
      result: (cell) => finish((squares[cell] ?? 0) / (counts[cell] ?? 1)),
    };
  });
}
