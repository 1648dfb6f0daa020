import { RE2JS } from 're2js';
import { plainPattern } from './pattern.ts';

export type MatchOperator = '=' | '!=' | '=~' | '!~';

/** A label matcher. Regular expressions are RE2, anchored at both ends, `.` matches newline (Prometheus 3). */
export interface Matcher {
  readonly name: string;
  readonly op: MatchOperator;
  readonly value: string;
  matches(value: string): boolean;
  /**
   * The exact values the matcher can accept, when they are finitely many (`=`, or `=~"a|b|c"` of literals):
   * lets a label index look up instead of scan. Undefined when unknown or for negative operators.
   */
  readonly literals?: readonly string[] | undefined;
}

/** Thrown for a regular expression RE2 refuses; the message carries RE2's reason. */
export class MatcherError extends Error {
  override readonly name = 'MatcherError';
}

export function createMatcher(name: string, op: MatchOperator, value: string): Matcher {
  if (op === '=') return { name, op, value, matches: (candidate) => candidate === value, literals: [value] };
  if (op === '!=') return { name, op, value, matches: (candidate) => candidate !== value };
  const { test, literals } = compilePattern(value);
  if (op === '=~') return { name, op, value, matches: test, literals };
  return { name, op, value, matches: (candidate) => !test(candidate) };
}

function compilePattern(pattern: string): {
  test: (value: string) => boolean;
  literals?: readonly string[] | undefined;
} {
  const plain = plainPattern(pattern);
  if (plain !== undefined) return plain;
  try {
    const compiled = RE2JS.compile(pattern, RE2JS.DOTALL);
    return { test: (value) => compiled.matches(value) };
  } catch (cause) {
    throw new MatcherError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
