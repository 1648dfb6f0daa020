import type { Series } from '../eval/value.ts';
import { compareLabels } from '../labels.ts';
import { stringArgument } from './arguments.ts';
import { compareNatural } from './natural-order.ts';
import type { WholeInput } from './types.ts';

/** Order by the labels a call names, in natural order, then by all labels. */
export function byLabels({ args }: WholeInput, direction: 1 | -1): (a: Series, b: Series) => number {
  const names = args.slice(1).map((_, index) => stringArgument(args, index + 1));
  return (a, b) => {
    for (const name of names) {
      const order = compareNatural(a.labels.get(name), b.labels.get(name));
      if (order !== 0) return direction * order;
    }
    return direction * compareLabels(a.labels, b.labels);
  };
}
