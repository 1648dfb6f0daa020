import type { HistogramColumn, Series, VectorValue } from '../eval/value.ts';
import { vectorOf } from '../eval/value.ts';
import { combineHistograms } from '../histogram/combine.ts';
import type { Histogram } from '../histogram/histogram.ts';
import type { AggregationInput } from './types.ts';
import { membersOf } from './types.ts';

/**
 * `sum` and `avg` where a vector holds histograms: of each group and step their combination, beside what the floats came
 * to. Both at one step have no answer.
 */
export async function foldHistograms(
  input: AggregationInput,
  floats: VectorValue,
  how: 'sum' | 'mean',
): Promise<VectorValue> {
  const { context, grid, vector, groups } = input;
  const result: Series[] = [];
  for (const [group, members] of membersOf(groups).entries()) {
    const all = members.map((index) => vector.series[index]).filter((one) => one !== undefined);
    const series = floats.series[group];
    if (series === undefined) continue;
    const plain = all.every(({ histograms }) => histograms === undefined);
    result.push(plain ? series : foldGroup(input, all, series, how));
    if (context.budget.spend(grid.count * all.length * 20)) await context.budget.pause();
  }
  return vectorOf(result, floats.namesPinned);
}

function foldGroup(
  input: AggregationInput,
  members: readonly Series[],
  floats: Series,
  how: 'sum' | 'mean',
): Series {
  const { annotations } = input.context;
  const { span } = input.node.expr;
  const present = floats.present.slice();
  const histograms: (Histogram | undefined)[] = [];
  for (let k = 0; k < present.length; k++) {
    const here = members.filter((one) => one.present[k] === 1 && one.histograms?.[k] !== undefined);
    if (here.length === 0) continue;
    if (present[k] === 1) {
      annotations.mixedKindsInAggregation(span);
      present[k] = 0;
      continue;
    }
    const combined = combineHistograms(columnAt(here, k), how);
    if (combined.incompatible !== undefined) {
      annotations.mixedBuckets(span, here[combined.incompatible]?.labels.metricName ?? '');
      continue;
    }
    if (combined.resetsCollide) annotations.conflictingResets(span, 'aggregation');
    if (combined.reconciled) annotations.reconciledBuckets(span, 'aggregation');
    histograms[k] = combined.histogram;
    present[k] = 1;
  }
  return { ...floats, present, ...(histograms.length > 0 ? { histograms } : {}) };
}

function columnAt(members: readonly Series[], step: number): readonly Histogram[] {
  const column: HistogramColumn = members.map(({ histograms }) => histograms?.[step]);
  return column.filter((one) => one !== undefined);
}
