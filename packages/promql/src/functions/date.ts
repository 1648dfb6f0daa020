import { afterNameDrop, dropName } from '../eval/names.ts';
import { floatsOnly, timeAt, vectorOf } from '../eval/value.ts';
import { Labels } from '../labels.ts';
import { vectorArgument } from './arguments.ts';
import type { WholeFunction } from './types.ts';

/** A function of the date each value (Unix seconds) stands for; without an argument, of the step's own time. */
export function dateFunction(part: (date: Date) => number): WholeFunction {
  const partOf = (seconds: number): number => part(new Date(Math.trunc(seconds) * 1000));
  return {
    kind: 'whole',
    evaluate({ context, grid, args }) {
      if (args.length === 0) {
        const values = Float64Array.from({ length: grid.count }, (_, k) => partOf(timeAt(grid, k) / 1000));
        const present = new Uint8Array(grid.count).fill(1);
        return vectorOf([{ labels: Labels.EMPTY, dropName: false, values, present }], true);
      }
      const vector = floatsOnly(vectorArgument(args, 0));
      const series = vector.series.map((one) => ({
        ...dropName(context, one.labels),
        values: one.values.map(partOf),
        present: one.present,
      }));
      return afterNameDrop(context, vectorOf(series, vector.namesPinned));
    },
  };
}
