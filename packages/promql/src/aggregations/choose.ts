import type { Series, VectorValue } from '../eval/value.ts';
import { vectorOf } from '../eval/value.ts';
import type { AggregationInput } from './types.ts';
import { membersOf } from './types.ts';

/** Picks, from the members of one group present at one step, those that stay, best first. */
export type Chooser = (candidates: readonly number[], step: number) => readonly number[];

/**
 * Aggregations that keep whole samples (topk, bottomk, limitk, limit_ratio): each step chooses anew, the labels
 * stay. In an instant query the answer is in the order chosen, group by group.
 */
export async function keepChosen(input: AggregationInput, choose: Chooser): Promise<VectorValue> {
  const { context, grid, vector, groups } = input;
  const presence = vector.series.map(() => undefined as Uint8Array | undefined);
  const order: number[] = [];
  for (const members of membersOf(groups)) {
    for (let k = 0; k < grid.count; k++) {
      const candidates = members.filter((index) => vector.series[index]?.present[k] === 1);
      for (const index of choose(candidates, k)) {
        let present = presence[index];
        if (present === undefined) {
          present = new Uint8Array(grid.count);
          presence[index] = present;
          order.push(index);
        }
        present[k] = 1;
      }
      if (context.budget.spend(candidates.length * 4)) await context.budget.pause();
    }
  }
  const series: Series[] = [];
  for (const index of order) {
    const one = vector.series[index];
    const present = presence[index];
    if (one !== undefined && present !== undefined) series.push({ ...one, present });
  }
  return vectorOf(series, vector.namesPinned);
}
