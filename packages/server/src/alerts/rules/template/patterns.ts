import { type Arguments, type TemplateBudget, TemplateError } from '@pharos/gotemplate';
import { expandTemplate } from '@pharos/promql/vectors';
import { RE2JS } from 're2js';

const MOST_PATTERNS = 200;
const patterns = new Map<string, RE2JS>();

function patternOf(source: string): RE2JS {
  const known = patterns.get(source);
  if (known !== undefined) return known;
  try {
    const compiled = RE2JS.compile(source);
    if (patterns.size >= MOST_PATTERNS) patterns.clear();
    patterns.set(source, compiled);
    return compiled;
  } catch (error) {
    throw new TemplateError(error instanceof Error ? error.message : String(error));
  }
}

/** Whether the text has a match; patterns are RE2, unanchored. */
export function matchesPattern(pattern: string, text: string): boolean {
  return patternOf(pattern).matcher(text).find();
}

/** `reReplaceAll pattern replacement text`; the replacement may name groups (`$1`, `${name}`). */
export function replacePattern(args: Arguments, budget: TemplateBudget): string {
  const pattern = patternOf(args.text(0));
  const [replacement, text] = [args.text(1), args.text(2)];
  const names = new Map<string, number>(Object.entries(pattern.namedGroups()));
  const matcher = pattern.matcher(text);
  let out = '';
  let from = 0;
  while (matcher.find()) {
    budget.step();
    const replaced = expandTemplate(replacement, (name) => {
      const index = /^\d{1,6}$/.test(name) ? Number(name) : names.get(name);
      return index === undefined || index > matcher.groupCount() ? '' : (matcher.group(index) ?? '');
    });
    budget.chars(replaced.length);
    out += text.slice(from, matcher.start()) + replaced;
    from = matcher.end();
  }
  return out + text.slice(from);
}
