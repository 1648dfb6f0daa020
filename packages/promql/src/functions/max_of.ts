import { scalarArgument, scalarOf } from './arguments.ts';
import type { WholeFunction } from './types.ts';

/** `max_of(a, b)`: the larger of two scalars (experimental). */
export const max_of: WholeFunction = {
  kind: 'whole',
  evaluate({ args }) {
    const other = scalarArgument(args, 1);
    return scalarOf(scalarArgument(args, 0).map((value, k) => Math.max(value, other[k] ?? Number.NaN)));
  },
};
