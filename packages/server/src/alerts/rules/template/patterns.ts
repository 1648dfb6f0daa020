import { type Arguments, patternOf, replaceMatches, type TemplateBudget } from '@pharos/gotemplate';
import { expandTemplate } from '@pharos/promql/vectors';

/** Whether the text has a match; patterns are RE2, unanchored. */
export function matchesPattern(pattern: string, text: string): boolean {
  return patternOf(pattern).matcher(text).find();
}

/** `reReplaceAll pattern replacement text`; the replacement may name groups (`$1`, `${name}`). */
export function replacePattern(args: Arguments, budget: TemplateBudget): string {
  const replacement = args.text(1);
  return replaceMatches({ pattern: args.text(0), text: args.text(2) }, budget, (group) =>
    expandTemplate(replacement, group),
  );
}
