import { type MatchOperator, quote } from '@pharos/promql';
import { RE2JS } from 're2js';
import { compareUtf8, type LabelSet } from '../labels/label-set.ts';

/** One condition on a label; a label that is missing is the empty text. */
export interface AlertMatcher {
  readonly name: string;
  readonly op: MatchOperator;
  readonly value: string;
  matches(value: string): boolean;
}

/** A matcher or a list of them that is not well-formed; the message is Alertmanager's. */
export class MatcherSyntaxError extends Error {
  override readonly name = 'MatcherSyntaxError';
}

/** Answers that a pattern keeps: labels have few values, and each is asked for at every flush. */
const MOST_ANSWERS = 1000;

/** Patterns are RE2 and anchored; `.` does not match a newline, unlike in PromQL. Throws {@link MatcherSyntaxError}. */
export function alertMatcher(name: string, op: MatchOperator, value: string): AlertMatcher {
  switch (op) {
    case '=':
      return { name, op, value, matches: (candidate) => candidate === value };
    case '!=':
      return { name, op, value, matches: (candidate) => candidate !== value };
    case '=~':
      return { name, op, value, matches: anchored(value) };
    case '!~': {
      const test = anchored(value);
      return { name, op, value, matches: (candidate) => !test(candidate) };
    }
  }
}

/** Compiled within the anchors, as Alertmanager does: `a)|(b` is well-formed then. */
function anchored(pattern: string): (value: string) => boolean {
  const compiled = compilePattern(`^(?:${pattern})$`);
  const answers = new Map<string, boolean>();
  return (value) => {
    const known = answers.get(value);
    if (known !== undefined) return known;
    if (answers.size >= MOST_ANSWERS) answers.clear();
    const answer = compiled.test(value);
    answers.set(value, answer);
    return answer;
  };
}

/** Throws {@link MatcherSyntaxError} with RE2's reason. */
export function compilePattern(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (cause) {
    throw new MatcherSyntaxError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

export function matchesAll(matchers: readonly AlertMatcher[], labels: LabelSet): boolean {
  return matchers.every((matcher) => matcher.matches(labels.get(matcher.name) ?? ''));
}

const OPERATORS: readonly MatchOperator[] = ['=', '!=', '=~', '!~'];

/** Alertmanager's order: by name, by value, by operator. It is part of a group's key. */
export function sortMatchers(matchers: readonly AlertMatcher[]): readonly AlertMatcher[] {
  return [...matchers].sort(
    (a, b) =>
      compareUtf8(a.name, b.name) ||
      compareUtf8(a.value, b.value) ||
      OPERATORS.indexOf(a.op) - OPERATORS.indexOf(b.op),
  );
}

export function sameMatchers(a: readonly AlertMatcher[], b: readonly AlertMatcher[]): boolean {
  return (
    a.length === b.length &&
    a.every((left, i) => {
      const right = b[i];
      return (
        right !== undefined && left.name === right.name && left.op === right.op && left.value === right.value
      );
    })
  );
}

/** `{job="api",severity=~"warn.*"}` */
export function formatMatchers(matchers: readonly AlertMatcher[]): string {
  return `{${matchers.map(formatMatcher).join(',')}}`;
}

/** `job="api"`; a name that the classic syntax does not know is quoted too. */
export function formatMatcher({ name, op, value }: Pick<AlertMatcher, 'name' | 'op' | 'value'>): string {
  return RESERVED.test(name) ? `${quote(name)}${op}${quote(value)}` : `${name}${op}"${escaped(value)}"`;
}

/** What ends a word without quotes: space as Unicode sees it, and the signs of the syntax. */
export const RESERVED = /[\p{White_Space}{}!=~,\\"'`]/u;

/** As in OpenMetrics. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
