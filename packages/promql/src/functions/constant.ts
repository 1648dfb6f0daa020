import type { PlanGrid } from '../plan/grids.ts';
import { scalarOf } from './arguments.ts';
import type { WholeFunction } from './types.ts';

/** A function without arguments that is the same at every step of a query. */
export function constant(valueOf: (query: PlanGrid) => number): WholeFunction {
  return {
    kind: 'whole',
    evaluate: ({ context, grid }) => scalarOf(new Float64Array(grid.count).fill(valueOf(context.query))),
  };
}
