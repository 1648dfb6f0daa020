import { scalarArgument, scalarOf } from './arguments.ts';
import type { WholeFunction } from './types.ts';

/** `min_of(a, b)`: the smaller of two scalars (experimental). */
export const min_of: WholeFunction = {
  kind: 'whole',
  evaluate({ args }) {
    const other = scalarArgument(args, 1);
    return scalarOf(scalarArgument(args, 0).map((value, k) => Math.min(value, other[k] ?? Number.NaN)));
  },
};
