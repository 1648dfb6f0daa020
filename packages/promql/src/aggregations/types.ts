import type { Groups } from '../eval/aggregate.ts';
import type { EvalContext } from '../eval/context.ts';
import type { Series, Value, VectorValue } from '../eval/value.ts';
import { ColumnPool, vectorOf } from '../eval/value.ts';
import type { Aggregate } from '../parse/ast.ts';
import type { Grid } from '../result.ts';

export interface AggregationInput {
  readonly context: EvalContext;
  readonly node: Aggregate;
  readonly grid: Grid;
  readonly vector: VectorValue;
  readonly groups: Groups;
  readonly param: Value | undefined;
}

export interface Aggregation {
  (input: AggregationInput): Promise<VectorValue>;
  /** How a folding aggregation keeps its cells: with this, series can be added as they are read. */
  readonly create?: (cells: number) => Accumulator;
}

/**
 * A running aggregate of many cells, one cell per group and step. `add` takes one series into the cells from
 * `base` on; `result` reads one finished cell. A cell nothing was added to has no result.
 */
export interface Accumulator {
  add(base: number, series: Pick<Series, 'values' | 'present'>): void;
  result(cell: number): number;
}

/** An aggregation that folds the samples of a group into one, from how its cells are kept. */
export function folding(create: (cells: number) => Accumulator): Aggregation {
  const fold = async (input: AggregationInput): Promise<VectorValue> => {
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
  return Object.assign(fold, { create });
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

/** The series of each group, by index into the vector, in the vector's order. */
export function membersOf(groups: Groups): readonly (readonly number[])[] {
  const members: number[][] = Array.from({ length: groups.count }, () => []);
  groups.indexOf.forEach((group, index) => members[group]?.push(index));
  return members;
}
