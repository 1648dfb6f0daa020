import type { Groups } from '../eval/aggregate.ts';
import type { EvalContext } from '../eval/context.ts';
import type { Series, Value, VectorValue } from '../eval/value.ts';
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

/** The series of each group, by index into the vector, in the vector's order. */
export function membersOf(groups: Groups): readonly (readonly number[])[] {
  const members: number[][] = Array.from({ length: groups.count }, () => []);
  groups.indexOf.forEach((group, index) => members[group]?.push(index));
  return members;
}
