import { compile } from '../field/pattern.ts';
import type { Variable } from '../model.ts';

export interface Option {
  readonly value: string;
  readonly text: string;
}
export const ALL = '$__all';
export const MAX_OPTIONS = 5000;

/** What a query variable asks the server for. */
export type VariableQuestion =
  | { readonly kind: 'label_values'; readonly label: string; readonly match: string }
  | { readonly kind: 'label_names'; readonly match: string }
  | { readonly kind: 'query_result'; readonly expr: string }
  | { readonly kind: 'none'; readonly why: string };

/** Reads `label_values(selector, label)`, `label_values(label)`, `label_names()`, `metrics(regex)`, `query_result(expr)`; anything else is a selector. */
export function readQuestion(text: string): VariableQuestion {
  const query = text.trim().replace(/\)\s*$/, ')');
  const call = /^(label_values|label_names|metrics|query_result)\s*\(([\s\S]*)\)$/.exec(query);
  const inside = call?.[2]?.trim() ?? '';
  switch (call?.[1] ?? '') {
    case 'label_values': {
      const both = /^([\s\S]+),\s*([a-zA-Z_][\w.]*)\s*$/.exec(inside);
      if (both !== null) return { kind: 'label_values', match: both[1]?.trim() ?? '', label: both[2] ?? '' };
      return inside === ''
        ? { kind: 'none', why: 'label_values() names no label' }
        : { kind: 'label_values', match: '', label: inside };
    }
    case 'label_names':
      return { kind: 'label_names', match: inside };
    case 'metrics':
      return {
        kind: 'label_values',
        label: '__name__',
        match: inside === '' ? '' : `{__name__=~"${inside.replaceAll('"', '')}.*"}`,
      };
    case 'query_result':
      return { kind: 'query_result', expr: inside };
    default:
      return query === ''
        ? { kind: 'none', why: 'the variable has no query' }
        : { kind: 'query_result', expr: query };
  }
}

const ORDERS: Readonly<Record<string, (a: Option, b: Option) => number>> = {
  alpha: (a, b) => a.text.localeCompare(b.text, 'en'),
  number: (a, b) => numberIn(a.text) - numberIn(b.text),
  natural: (a, b) => a.text.localeCompare(b.text, 'en', { numeric: true }),
};

function numberIn(text: string): number {
  return Number(/-?\d+(\.\d+)?/.exec(text)?.[0] ?? 0);
}

/** Texts as options: those that the pattern fits, its first group (or the groups `value` and `text`) taken, sorted, each once. */
export function optionsOf(texts: readonly string[], regex: string, sort: string): readonly Option[] {
  const pattern = regex.trim() === '' ? null : compile(regex);
  const found = new Map<string, Option>();
  for (const text of texts) {
    if (found.size >= MAX_OPTIONS) break;
    const match = pattern?.exec(text);
    if (regex.trim() !== '' && match == null) continue;
    const value = match?.groups?.['value'] ?? match?.[1] ?? match?.[0] ?? text;
    if (!found.has(value)) found.set(value, { value, text: match?.groups?.['text'] ?? value });
  }
  const options = [...found.values()];
  const by = ORDERS[sort.replace('-desc', '')];
  if (by === undefined) return options;
  return options.toSorted((a, b) => (sort.endsWith('-desc') ? by(b, a) : by(a, b)));
}

/** What a variable offers without asking. */
export function fixedOptions(variable: Variable): readonly Option[] {
  if (variable.type === 'custom') return variable.options ?? [];
  if (variable.type === 'datasource') return [{ value: 'Pharos', text: 'Pharos' }];
  const own = (variable.values ?? []).map((value) => ({ value, text: value }));
  return variable.auto === undefined ? own : [{ value: '$__auto', text: 'auto' }, ...own];
}

/** What is chosen: from the URL, else as saved, else "all" or the first there is. Only what is offered counts, but for typed text. */
export function choose(
  variable: Variable,
  asked: readonly string[] | undefined,
  options: readonly Option[],
): readonly string[] {
  if (variable.type === 'textbox') return [asked?.[0] ?? variable.current?.[0] ?? ''];
  if (variable.type === 'constant') return [variable.value ?? ''];
  const offered = new Set(options.map(({ value }) => value));
  if (variable.includeAll === true) offered.add(ALL);
  for (const wanted of [asked, variable.current]) {
    const there = (wanted ?? []).filter((value) => offered.has(value));
    if (there.length > 0) return variable.multi === true ? there : there.slice(0, 1);
  }
  if (variable.includeAll === true) return [ALL];
  return options[0] === undefined ? [] : [options[0].value];
}
