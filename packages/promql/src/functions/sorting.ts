import type { Budget } from '../eval/budget.ts';
import { FloatBlock } from '../eval/float-block.ts';
import { sortByParts } from '../eval/sort-by-parts.ts';
import type { Series, VectorValue } from '../eval/value.ts';
import { floatsOnly, vectorOf } from '../eval/value.ts';
import { vectorArgument } from './arguments.ts';
import type { WholeFunction, WholeInput } from './types.ts';

/** A function that orders the samples of an instant query; a range query's answer has its own order. */
export function sorting(
  compare: (input: WholeInput) => (a: Series, b: Series) => number,
  takes: 'floats' | 'all' = 'floats',
): WholeFunction {
  return {
    kind: 'whole',
    async evaluate(input): Promise<VectorValue> {
      const given = vectorArgument(input.args, 0);
      const vector = takes === 'all' ? given : floatsOnly(given);
      if (input.context.query.count > 1) {
        input.context.annotations.warn(
          input.call.span,
          'sort is ineffective for range queries since results are always ordered by labels',
        );
        return vector;
      }
      const sorted = await sortByParts(input.context.budget, vector.series, compare(input));
      return vectorOf(sorted, vector.namesPinned);
    },
  };
}

/** By value at the only step, NaN last whichever way. */
export function sortingByValue(direction: 1 | -1): WholeFunction {
  const byValue = (left: number, right: number): number => {
    if (Number.isNaN(left) || Number.isNaN(right))
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return left === right ? 0 : left < right ? -direction : direction;
  };
  const plain = sorting(() => (a, b) => byValue(a.values[0] ?? Number.NaN, b.values[0] ?? Number.NaN));
  return {
    kind: 'whole',
    evaluate(input) {
      const vector = vectorArgument(input.args, 0);
      return vector instanceof FloatBlock && input.context.query.count === 1 && vector.steps === 1
        ? sortedBlock(input.context.budget, vector, byValue)
        : plain.evaluate(input);
    },
  };
}

/** The rows of a block of one step by their values, without a series of each. */
async function sortedBlock(
  budget: Budget,
  { labels, items, values, present, namesPinned }: FloatBlock,
  compare: (a: number, b: number) => number,
): Promise<VectorValue> {
  const rows = Array.from(items.keys());
  const order = await sortByParts(budget, rows, (a, b) => compare(values[a], values[b]));
  const sorted = {
    items: Int32Array.from(order, (row) => items[row]),
    values: Float64Array.from(order, (row) => values[row]),
    present: present.slice(0, items.length),
    steps: 1,
  };
  return new FloatBlock(labels, sorted, namesPinned);
}
