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
    // Far fewer values than series, mostly: each is matched once.
    const replaced = new Map<string, string | null>();
    return relabel(context, vectorArgument(args, 0), target, (labels) => {
      const from = labels.get(source);
      let value = replaced.get(from);
      if (value === undefined) replaced.set(from, (value = replace(pattern, from, replacement)));
      return value === null ? labels : labels.with(target, value);
    });
  },
};

/** What the target is set to; null where the value does not match. */
function replace(pattern: RE2JS, value: string, replacement: string): string | null {
  const match = pattern.matcher(value);
  if (!match.matches()) return null;
  const groups = pattern.namedGroups();
  return expandTemplate(replacement, (name) => {
    const number = /^\d+$/.test(name) ? Number(name) : groups[name];
    return number === undefined || number > match.groupCount() ? '' : (match.group(number) ?? '');
  });
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern, RE2JS.DOTALL);
  } catch {
    throw executionError(`invalid regular expression in label_replace(): ${quote(pattern).slice(1, -1)}`);
  }
}
