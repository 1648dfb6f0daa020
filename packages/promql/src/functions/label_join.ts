import { executionError } from '../errors.ts';
import { isLabelName } from '../label-name.ts';
import { stringArgument, vectorArgument } from './arguments.ts';
import { relabel } from './relabel.ts';
import type { WholeFunction } from './types.ts';

/** `label_join(v, dst, separator, src...)`: sets dst to the values of the sources, joined. */
export const label_join: WholeFunction = {
  kind: 'whole',
  evaluate({ context, args }) {
    const target = stringArgument(args, 1);
    const separator = stringArgument(args, 2);
    const sources = args.slice(3).map((_, index) => stringArgument(args, index + 3));
    for (const source of sources)
      if (!isLabelName(source)) throw executionError(`invalid source label name in label_join(): ${source}`);
    if (!isLabelName(target))
      throw executionError(`invalid destination label name in label_join(): ${target}`);
    return relabel(context, vectorArgument(args, 0), target, (labels) =>
      labels.with(target, sources.map((source) => labels.get(source)).join(separator)),
    );
  },
};
