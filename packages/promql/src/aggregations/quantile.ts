import { quantileOf } from '../eval/quantile.ts';
import type { VectorValue } from '../eval/value.ts';
import { perGroup, withoutHistograms } from './folding.ts';
import { scalarParam } from './param.ts';
import type { AggregationInput } from './types.ts';
import { membersOf } from './types.ts';

/** `quantile(q, x)`: over the samples of a group at each step. */
export async function quantile(given: AggregationInput): Promise<VectorValue> {
  const input = withoutHistograms(given);
  const { context, node, grid, vector, groups } = input;
  const wanted = scalarParam(input);
  for (const q of wanted)
    if (!(q >= 0 && q <= 1)) context.annotations.invalidQuantile(node.param?.span ?? node.span, q);
  const members = membersOf(groups);
  const scratch = new Float64Array(vector.series.length);
  if (context.budget.spend(vector.series.length * grid.count * 4)) await context.budget.pause();
  return perGroup(input, (group, column) => {
    for (let k = 0; k < grid.count; k++) {
      let length = 0;
      for (const index of members[group] ?? []) {
        const series = vector.series[index];
        if (series === undefined || series.present[k] === 0) continue;
        scratch[length++] = series.values[k] ?? 0;
      }
      if (length === 0) continue;
      column.values[k] = quantileOf(wanted[k] ?? Number.NaN, scratch, length);
      column.present[k] = 1;
    }
  });
}
