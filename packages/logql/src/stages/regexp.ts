import { StageError } from '../errors.ts';
import { sanitizeKey } from '../formats/label-key.ts';
import { compileRe2 } from '../text/search.ts';
import type { StageCompiler } from './types.ts';

/** `regexp`: the named groups of the first match; a line without a match keeps its labels. */
export const regexp: StageCompiler<'regexp'> = ({ pattern }) => {
  const compiled = compileRe2(withUniqueNames(pattern));
  const groups = Object.entries(compiled.namedGroups()).map(([name, index]) => ({
    name: sanitizeKey(name),
    index,
  }));
  if (groups.length === 0)
    throw new StageError(
      `at least one named capture must be supplied, got the pattern ${JSON.stringify(pattern)}`,
    );
  return (entry) => {
    const matcher = compiled.matcher(entry.line);
    if (!matcher.find()) return true;
    for (const { name, index } of groups) entry.addParsed(name, matcher.group(index) ?? '');
    return true;
  };
};

/** RE2 refuses a name given twice in words of its own; ours name the label. */
function withUniqueNames(pattern: string): string {
  const seen = new Set<string>();
  for (const [, name = ''] of pattern.matchAll(/\(\?P?<(\w+)>/g)) {
    if (seen.has(name)) throw new StageError(`duplicate extracted label name '${name}'`);
    seen.add(name);
  }
  return pattern;
}
