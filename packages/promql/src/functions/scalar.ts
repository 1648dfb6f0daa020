import { floatsOnly } from '../eval/value.ts';
import { scalarOf, vectorArgument } from './arguments.ts';
import type { WholeFunction } from './types.ts';

/** `scalar(v)`: the value of the only sample of a step, NaN when there are more or none. */
export const scalar: WholeFunction = {
  kind: 'whole',
  evaluate({ grid, args }) {
    const values = new Float64Array(grid.count).fill(Number.NaN);
    const seen = new Uint32Array(grid.count);
    for (const series of floatsOnly(vectorArgument(args, 0)).series) {
      for (let k = 0; k < grid.count; k++) {
        if (series.present[k] === 0) continue;
        seen[k] = (seen[k] ?? 0) + 1;
        values[k] = seen[k] === 1 ? (series.values[k] ?? Number.NaN) : Number.NaN;
      }
    }
    return scalarOf(values);
  },
};
