import { vectorOf } from '../eval/value.ts';
import { absentLabels } from './absent-labels.ts';
import { vectorArgument } from './arguments.ts';
import type { WholeFunction } from './types.ts';

/** `absent(v)`: 1 where v is empty. */
export const absent: WholeFunction = {
  kind: 'whole',
  evaluate({ call, grid, args }) {
    const present = new Uint8Array(grid.count).fill(1);
    for (const series of vectorArgument(args, 0).series)
      for (let k = 0; k < grid.count; k++) if (series.present[k] === 1) present[k] = 0;
    const values = new Float64Array(grid.count).fill(1);
    return vectorOf([{ labels: absentLabels(call.args[0]), dropName: false, values, present }], true);
  },
};
