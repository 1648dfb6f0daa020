import { ApiError } from '../../../api/client.ts';
import type { Rule, RuleLanguage } from '../contracts.ts';
import type { WrittenRule } from './contracts.ts';

/** A name and its text, as they are typed: a row may be without a name for a while, and two may have the same. */
export interface Pair {
  readonly name: string;
  readonly text: string;
}

/** A rule while it is being written. */
export interface Draft {
  readonly alert: string;
  readonly expr: string;
  readonly language: RuleLanguage;
  readonly for: string;
  readonly keep: string;
  readonly interval: string;
  readonly limit: number;
  readonly labels: readonly Pair[];
  readonly annotations: readonly Pair[];
}

export const NEW_DRAFT: Draft = {
  alert: '',
  expr: '',
  language: 'promql',
  for: '5m',
  keep: '',
  interval: '',
  limit: 0,
  labels: [{ name: 'severity', text: 'warning' }],
  annotations: [
    { name: 'summary', text: '' },
    { name: 'description', text: '' },
  ],
};

const pairsOf = (texts: Readonly<Record<string, string>>): readonly Pair[] =>
  Object.entries(texts).map(([name, text]) => ({ name, text }));

export function draftOf(rule: WrittenRule): Draft {
  return {
    alert: rule.alert,
    expr: rule.expr,
    language: rule.language,
    for: rule.for,
    keep: rule.keep_firing_for,
    interval: rule.interval,
    limit: rule.limit,
    labels: pairsOf(rule.labels),
    annotations: pairsOf(rule.annotations),
  };
}

/** A rule of a file as the beginning of another one. */
export function draftLike(rule: Rule): Draft {
  return {
    alert: rule.name,
    expr: rule.query,
    language: rule.language,
    for: durationText(rule.for_ms),
    keep: durationText(rule.keep_firing_for_ms),
    interval: durationText(rule.interval_ms),
    limit: 0,
    labels: pairsOf(rule.labels),
    annotations: pairsOf(rule.annotations),
  };
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** `1h30m`; empty for none. */
export function durationText(millis: number): string {
  let left = millis;
  return UNITS.map(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count === 0 ? '' : `${count}${unit}`;
  }).join('');
}

/** What is sent of it. A text that is empty is none; an empty label takes the one away that the series has. */
export function writtenOf(draft: Draft): WrittenRule {
  const named = (pairs: readonly Pair[]): readonly Pair[] => pairs.filter(({ name }) => name.trim() !== '');
  const texts = (pairs: readonly Pair[]): Record<string, string> =>
    Object.fromEntries(named(pairs).map(({ name, text }) => [name.trim(), text]));
  return {
    alert: draft.alert.trim(),
    expr: draft.expr.trim(),
    language: draft.language,
    for: draft.for.trim(),
    keep_firing_for: draft.keep.trim(),
    labels: texts(draft.labels),
    annotations: texts(draft.annotations.filter(({ text }) => text.trim() !== '')),
    interval: draft.interval.trim(),
    limit: draft.limit,
  };
}

/** What keeps a draft from being saved, before anybody is asked. */
export function missingOf(draft: Draft): readonly string[] {
  return [
    ...(draft.alert.trim() === '' ? ['a name'] : []),
    ...(draft.expr.trim() === '' ? ['an expression'] : []),
  ];
}

/** What the server says is wrong, by field: `expr`, `labels.severity` ...; under the empty name what concerns no field. */
export function problemsOf(error: Error | null): ReadonlyMap<string, string> {
  const problems = new Map<string, string>();
  if (!(error instanceof ApiError)) return problems;
  for (const { field, problem } of error.problems)
    if (!problems.has(fieldName(field))) problems.set(fieldName(field), problem);
  if (problems.size === 0) problems.set('', error.message);
  return problems;
}

/** `body.rule.for` of what is not well-formed is `for`. */
function fieldName(field: string): string {
  return field.replace(/^body(?:\.rule)?(?:\.|$)/, '');
}
