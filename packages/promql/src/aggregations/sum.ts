import { folding } from './folding.ts';
import type { Accumulator } from './types.ts';

/** `sum`: compensated, as Prometheus sums. */
export const sum = folding(createSum, 'sum');

function createSum(cells: number): Accumulator {
  const sums = new Float64Array(cells);
  const compensations = new Float64Array(cells);
  return {
    add(base, { values, present }) {
      for (let k = 0; k < present.length; k++) {
        if (present[k] === 0) continue;
        const value = values[k];
        const before = sums[base + k];
        const after = before + value;
        sums[base + k] = after;
        if (after - after !== 0) compensations[base + k] = 0;
        else {
          const lost = Math.abs(before) >= Math.abs(value) ? before - after + value : value - after + before;
          if (lost !== 0) compensations[base + k] = compensations[base + k] + lost;
        }
      }
    },
    result: (cell) => sums[cell] + compensations[cell],
  };
}
