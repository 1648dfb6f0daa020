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
    evaluate(input): VectorValue {
      const given = vectorArgument(input.args, 0);
      const vector = takes === 'all' ? given : floatsOnly(given);
      if (input.context.query.count > 1) {
        input.context.annotations.warn(
          input.call.span,
          'sort is ineffective for range queries since results are always ordered by labels',
        );
        return vector;
      }
      return vectorOf([...vector.series].sort(compare(input)), vector.namesPinned);
    },
  };
}

/** By value at the only step, NaN last whichever way. */
export function byValue(direction: 1 | -1): (a: Series, b: Series) => number {
  return (a, b) => {
    const left = a.values[0] ?? Number.NaN;
    const right = b.values[0] ?? Number.NaN;
    if (Number.isNaN(left) || Number.isNaN(right))
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return left === right ? 0 : left < right ? -direction : direction;
  };
}
