import { afterNameDrop, dropName } from '../eval/names.ts';
import type { Series } from '../eval/value.ts';
import { ColumnPool, vectorOf } from '../eval/value.ts';
import type { Histogram } from '../histogram/histogram.ts';
import { vectorArgument } from './arguments.ts';
import type { WholeFunction } from './types.ts';

/** A function of each native histogram; floats have no answer. */
export function ofHistograms(compute: (histogram: Histogram) => number): WholeFunction {
  return {
    kind: 'whole',
    async evaluate({ context, grid, args }) {
      const vector = vectorArgument(args, 0);
      const pool = new ColumnPool(grid.count, vector.series.length);
      const result: Series[] = [];
      for (const { labels, histograms, present } of vector.series) {
        if (histograms === undefined) continue;
        const column = pool.take();
        for (let k = 0; k < grid.count; k++) {
          const histogram = histograms[k];
          if (present[k] === 0 || histogram === undefined) continue;
          column.values[k] = compute(histogram);
          column.present[k] = 1;
        }
        result.push({ ...dropName(context, labels), ...column });
        if (context.budget.spend(grid.count * 8)) await context.budget.pause();
      }
      return afterNameDrop(context, vectorOf(result, vector.namesPinned));
    },
  };
}
