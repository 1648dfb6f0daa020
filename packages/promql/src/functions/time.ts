import { timeAt } from '../eval/value.ts';
import { scalarOf } from './arguments.ts';
import type { WholeFunction } from './types.ts';

/** `time()`: the time of the step, in seconds. */
export const time: WholeFunction = {
  kind: 'whole',
  evaluate: ({ grid }) =>
    scalarOf(Float64Array.from({ length: grid.count }, (_, k) => timeAt(grid, k) / 1000)),
};
