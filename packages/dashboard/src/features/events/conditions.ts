import type { KeptRule, Rule } from './contracts.ts';

/** Comparisons that the builder offers, with the words for them; docs/events.md has all that an expression can say. */
export const OPERATORS = [
  { value: '>', label: 'is above' },
  { value: '>=', label: 'is at least' },
  { value: '<', label: 'is below' },
  { value: '<=', label: 'is at most' },
  { value: '==', label: 'is' },
  { value: '!=', label: 'is not' },
  { value: 'contains', label: 'contains' },
  { value: 'startswith', label: 'starts with' },
  { value: 'matches', label: 'matches the pattern' },
  { value: 'exists', label: 'is there' },
  { value: 'missing', label: 'is missing' },
  { value: 'unlike', label: 'is unlike its history by' },
] as const;
export type Operator = (typeof OPERATORS)[number]['value'];

const NUMBER = /^-?\d+(?:\.\d+)?$/;
const LITERALS: ReadonlySet<string> = new Set(['true', 'false', 'null']);
const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A value as an expression writes it: numbers and `true`, `false`, `null` as they are, all else as a text. */
function literal(text: string): string {
  const trimmed = text.trim();
  return NUMBER.test(trimmed) || LITERALS.has(trimmed) ? trimmed : JSON.stringify(text);
}

/** `latency` means `data.latency`; what begins with a name of the event stays. */
export function pathOf(text: string): string {
  const trimmed = text.trim();
  if (/^(?:source|event_type)$|^(?:data|metadata)(?:\.|\[|$)/.test(trimmed)) return trimmed;
  if (trimmed.split('.').every((part) => PLAIN.test(part))) return `data.${trimmed}`;
  return `data[${JSON.stringify(trimmed)}]`;
}

/** One condition as an expression. */
export function conditionOf(field: string, operator: Operator, value: string): string {
  const path = pathOf(field);
  switch (operator) {
    case 'exists':
      return `exists(${path})`;
    case 'missing':
      return `not exists(${path})`;
    case 'unlike':
      return `abs(zscore(${JSON.stringify(path.replace(/^data\./, ''))})) > ${NUMBER.test(value.trim()) ? value.trim() : '3'}`;
    case 'contains':
    case 'startswith':
    case 'matches':
      return `${path} ${operator} ${JSON.stringify(value)}`;
    case '>':
    case '>=':
    case '<':
    case '<=':
    case '==':
    case '!=':
      return `${path} ${operator} ${literal(value)}`;
  }
}

/** A further condition that must hold too. */
export function withCondition(when: string, condition: string): string {
  const before = when.trim();
  if (before === '') return condition;
  return `${/\bor\b/.test(before) ? `(${before})` : before} and ${condition}`;
}

export const NEW_RULE: Rule = {
  name: '',
  when: '',
  weight: 'violation',
  decision: 'ESCALATE',
  field: 'data',
  message: '',
  suggestion: '',
  sources: [],
  event_types: [],
  enabled: true,
};

/** A kept rule as it is sent back. */
export function ruleOf({ origin: _origin, version: _version, ...rule }: KeptRule): Rule {
  return rule;
}

/** Names between commas. */
export function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
