import { RE2JS } from 're2js';
import { executionError } from '../errors.ts';
import { isLabelName } from '../label-name.ts';
import { quote } from '../text/quote.ts';
import { stringArgument, vectorArgument } from './arguments.ts';
import { relabel } from './relabel.ts';
import { expandTemplate } from './template.ts';
import type { WholeFunction } from './types.ts';

/** `label_replace(v, dst, replacement, src, regex)`: sets dst where the whole of src matches. */
export const label_replace: WholeFunction = {
  kind: 'whole',
  evaluate({ context, args }) {
    const target = stringArgument(args, 1);
    const replacement = stringArgument(args, 2);
    const source = stringArgument(args, 3);
    const pattern = compile(stringArgument(args, 4));
    if (!isLabelName(target))
      throw executionError(`invalid destination label name in label_replace(): ${target}`);
    return relabel(context, vectorArgument(args, 0), target, (labels) => {
      const match = pattern.matcher(labels.get(source));
      if (!match.matches()) return labels;
      const groups = pattern.namedGroups();
      const value = expandTemplate(replacement, (name) => {
        const number = /^\d+$/.test(name) ? Number(name) : groups[name];
        return number === undefined || number > match.groupCount() ? '' : (match.group(number) ?? '');
      });
      return labels.with(target, value);
    });
  },
};

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern, RE2JS.DOTALL);
  } catch {
    throw executionError(`invalid regular expression in label_replace(): ${quote(pattern).slice(1, -1)}`);
  }
}
