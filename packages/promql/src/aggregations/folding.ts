import type { Series, VectorValue } from '../eval/value.ts';
import { ColumnPool, floatsOnly, hasHistograms, vectorOf } from '../eval/value.ts';
import { foldHistograms } from './histograms.ts';
import type { Accumulator, Aggregation, AggregationInput } from './types.ts';

/**
 * What histograms are to an aggregation: ignored with an info, samples like any other (their values are not looked at),
 * or something to add up.
 */
export type HistogramRole = 'ignored' | 'counted' | 'sum' | 'mean';

/** An aggregation that folds the samples of a group into one, from how its cells are kept. */
export function folding(
  create: (cells: number) => Accumulator,
  role: HistogramRole = 'ignored',
): Aggregation {
  const fold = foldFloats(create);
  const aggregate = async (input: AggregationInput): Promise<VectorValue> => {
    if (role === 'counted' || !hasHistograms(input.vector)) return fold(input);
    if (role === 'ignored') return fold(withoutHistograms(input));
    return foldHistograms(input, await fold({ ...input, vector: floatsOnly(input.vector) }), role);
  };
  return Object.assign(aggregate, { create });
}

/** The input with its histogram samples left out, which an info tells. */
export function withoutHistograms(input: AggregationInput): AggregationInput {
  const { context, node } = input;
  const note = (): void => context.annotations.ignoredInAggregation(node.expr.span, node.op);
  return { ...input, vector: floatsOnly(input.vector, note) };
}

function foldFloats(create: (cells: number) => Accumulator): Aggregation {
  return async (input) => {
    const { context, grid, vector, groups } = input;
    const cells = groups.count * grid.count;
    const accumulator = create(cells);
    const seen = new Uint8Array(cells);
    for (let i = 0; i < vector.series.length; i++) {
      const series = vector.series[i];
      if (series === undefined) continue;
      const base = (groups.indexOf[i] ?? 0) * grid.count;
      accumulator.add(base, series);
      for (let k = 0; k < grid.count; k++) if (series.present[k] === 1) seen[base + k] = 1;
      if (context.budget.spend(grid.count)) await context.budget.pause();
    }
    return perGroup(input, (group, column) => {
      const base = group * grid.count;
      for (let k = 0; k < grid.count; k++) {
        if (seen[base + k] === 0) continue;
        column.values[k] = accumulator.result(base + k);
        column.present[k] = 1;
      }
    });
  };
}

/** One result series per group. */
export function perGroup(
  input: AggregationInput,
  fill: (group: number, column: Pick<Series, 'values' | 'present'>) => void,
): VectorValue {
  const { groups, grid } = input;
  const pool = new ColumnPool(grid.count, groups.count);
  const series = groups.labels.map((labels, group) => {
    const column = pool.take();
    fill(group, column);
    return { labels, dropName: groups.dropName[group] ?? false, ...column };
  });
  return vectorOf(series, groups.nameless);
}
