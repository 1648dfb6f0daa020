import { vectorOf } from '../eval/value.ts';
import { Labels } from '../labels.ts';
import { scalarArgument } from './arguments.ts';
import type { WholeFunction } from './types.ts';

/** `vector(s)`: a scalar as a vector of one sample without labels. */
export const vector: WholeFunction = {
  kind: 'whole',
  evaluate({ grid, args }) {
    const present = new Uint8Array(grid.count).fill(1);
    return vectorOf(
      [{ labels: Labels.EMPTY, dropName: false, values: scalarArgument(args, 0), present }],
      true,
    );
  },
};
