import type { Alert, ApiMatcher, Labels } from './contracts.ts';

export const OPERATORS = ['=', '!=', '=~', '!~'] as const;
export type Operator = (typeof OPERATORS)[number];

/** `severity="critical"`, as a filter says it. */
export function matcherText(name: string, value: string, op: Operator = '='): string {
  const label = /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : JSON.stringify(name);
  return `${label}${op}${JSON.stringify(value)}`;
}

export function operatorOf({ isEqual, isRegex }: Pick<ApiMatcher, 'isEqual' | 'isRegex'>): Operator {
  if (isRegex) return isEqual ? '=~' : '!~';
  return isEqual ? '=' : '!=';
}

export function withOperator(matcher: ApiMatcher, op: Operator): ApiMatcher {
  return { ...matcher, isRegex: op === '=~' || op === '!~', isEqual: op === '=' || op === '=~' };
}

/** Characters that mean something in a pattern. */
function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** What somebody typed, as matchers: `severity=critical, job=~"api.*"`; words without an operator are looked for in the alert's name. */
export function typedFilters(typed: string): readonly string[] {
  const text = typed.trim().replace(/^\{(.*)\}$/s, '$1');
  if (text === '') return [];
  if (!/[=!]/.test(text)) return [matcherText('alertname', `(?i).*${literal(text)}.*`, '=~')];
  // Commas within quotes belong to the value.
  return [...text.matchAll(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g)]
    .map(([part]) => part.trim())
    .filter((part) => part !== '');
}

/** Values of a label that one pattern may tell apart; beyond, the label is left out and the silence is wider. */
const MOST_VALUES = 50;

/** Matchers that keep some alerts quiet, as narrow as one silence can be: what they have in common, and the values of what they have not. */
export function matchersFor(alerts: readonly Pick<Alert, 'labels'>[]): ApiMatcher[] {
  const [first, ...others] = alerts.map(({ labels }) => labels);
  if (first === undefined) return [];
  const names = Object.keys(first).filter((name) => others.every((labels) => name in labels));
  return names.flatMap((name): ApiMatcher[] => {
    const values = [...new Set([first, ...others].map((labels) => labels[name] ?? ''))];
    if (values.length === 1) return [{ name, value: values[0] ?? '', isRegex: false, isEqual: true }];
    if (values.length > MOST_VALUES) return [];
    return [{ name, value: values.map(literal).join('|'), isRegex: true, isEqual: true }];
  });
}

/** Labels as somebody pastes them: `{a="b", c="d"}`, `a=b` by lines or commas, JSON, or `a: b` as in YAML; null when it is none of these. */
export function pastedLabels(pasted: string): Labels | null {
  const text = pasted.trim();
  if (text.startsWith('{') && /^\{\s*("|\})/.test(text) && text.includes(':')) {
    const labels = jsonLabels(text);
    if (labels !== null) return labels;
  }
  const inside = text.replace(/^[a-zA-Z_:]*\{(.*)\}$/s, '$1');
  const labels: Record<string, string> = {};
  for (const [part] of inside.matchAll(/(?:"(?:[^"\\]|\\.)*"|[^,\n"])+/g)) {
    const match = /^\s*"?([^=:"\s]+)"?\s*[=:]\s*(.*?)\s*$/s.exec(part);
    if (match === null) {
      if (part.trim() === '') continue;
      return null;
    }
    const [, name = '', value = ''] = match;
    labels[name] = unquoted(value);
  }
  return labels;
}

function jsonLabels(text: string): Labels | null {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json !== 'object' || json === null) return null;
    return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, String(value)]));
  } catch {
    return null;
  }
}

function unquoted(value: string): string {
  const inner = /^"(.*)"$/s.exec(value)?.[1] ?? /^'(.*)'$/s.exec(value)?.[1];
  return inner === undefined ? value : inner.replaceAll(/\\(.)/g, '$1');
}
