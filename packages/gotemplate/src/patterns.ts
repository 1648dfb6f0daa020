import { RE2JS } from 're2js';
import type { TemplateBudget } from './budget.ts';
import { TemplateError } from './template-error.ts';

/** A template is run for each line or alert: its patterns are compiled once. */
const MOST_PATTERNS = 200;
const patterns = new Map<string, RE2JS>();

/** A pattern that a template writes: RE2, unanchored. Throws {@link TemplateError} where RE2 refuses it. */
export function patternOf(source: string): RE2JS {
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

/** The text with each match replaced by what `expand` makes of it; a group is asked for by its number or name, and empty where there is none. */
export function replaceMatches(
  { pattern: source, text }: { readonly pattern: string; readonly text: string },
  budget: TemplateBudget,
  expand: (group: (name: string) => string) => string,
): string {
  const pattern = patternOf(source);
  const names = new Map<string, number>(Object.entries(pattern.namedGroups()));
  const matcher = pattern.matcher(text);
  let out = '';
  let from = 0;
  while (matcher.find()) {
    budget.step();
    const replaced = expand((name) => {
      const index = /^\d{1,6}$/.test(name) ? Number(name) : names.get(name);
      return index === undefined || index > matcher.groupCount() ? '' : (matcher.group(index) ?? '');
    });
    budget.chars(replaced.length);
    out += text.slice(from, matcher.start()) + replaced;
    from = matcher.end();
  }
  return out + text.slice(from);
}
