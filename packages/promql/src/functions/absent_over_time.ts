import { vectorOf } from '../eval/value.ts';
import { slide } from '../eval/windows.ts';
import { absentLabels } from './absent-labels.ts';
import type { WholeFunction } from './types.ts';

/** `absent_over_time(v[d])`: 1 where no series has a sample in the window. */
export const absent_over_time: WholeFunction = {
  kind: 'whole',
  evaluate({ call, grid, args }) {
    const [matrix] = args;
    if (matrix?.type !== 'matrix') throw new TypeError('argument 0 is no range vector');
    const values = new Float64Array(grid.count);
    const some = { values, present: new Uint8Array(grid.count) };
    for (const series of matrix.series) slide(series, matrix.windows, 1, () => 1, some);
    const present = some.present.map((here) => 1 - here);
    values.fill(1);
    return vectorOf([{ labels: absentLabels(call.args[0]), dropName: false, values, present }], true);
  },
};
