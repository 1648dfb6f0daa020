import { RE2JS } from 're2js';
import { parseJsonPath } from './json-path.ts';

/** Says what is wrong with a text, or null when nothing is. */
export interface TextCheck {
  /** Whether it is a pattern's: those count in `probe_failed_due_to_regex`. */
  readonly pattern: boolean;
  problem(text: string): string | null;
}

/** Throws an Error that names the pattern when it is not RE2's. */
export function compilePattern(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (cause) {
    throw new Error(`"${source}" is not a pattern of RE2: ${cause instanceof Error ? cause.message : ''}`, {
      cause,
    });
  }
}

export function contains(word: string): TextCheck {
  return {
    pattern: false,
    problem: (text) =>
      text.includes(word) ? null : `the body lacks "${short(word)}"; it begins with "${short(text)}"`,
  };
}

export function containsNot(word: string): TextCheck {
  return {
    pattern: false,
    problem: (text) => (text.includes(word) ? `the body holds "${short(word)}"` : null),
  };
}

export function matches(source: string, what = 'the body'): TextCheck {
  const pattern = compilePattern(source);
  return {
    pattern: true,
    problem: (text) =>
      pattern.matcher(text).find()
        ? null
        : `${what} does not match "${short(source)}"; it begins with "${short(text)}"`,
  };
}

export function matchesNot(source: string, what = 'the body'): TextCheck {
  const pattern = compilePattern(source);
  return {
    pattern: true,
    problem: (text) => (pattern.matcher(text).find() ? `${what} matches "${short(source)}"` : null),
  };
}

export interface JsonExpectation {
  readonly path: string;
  /** The value must be this one; a text, number, boolean or null. */
  readonly equals?: string | number | boolean | null | undefined;
  readonly matches?: string | undefined;
  /** For numbers. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** Without an expectation the path must lead to something. With several values each must be as expected. */
export function json(expected: JsonExpectation): TextCheck {
  const path = parseJsonPath(expected.path);
  if (path === null)
    throw new Error(`"${expected.path}" is not a path into JSON; write it like $.checks[0].status`);
  const pattern = expected.matches === undefined ? null : compilePattern(expected.matches);
  const wrong = (value: unknown): string | null => {
    const shown = short(JSON.stringify(value) ?? 'nothing');
    if (expected.equals !== undefined && value !== expected.equals)
      return `is ${shown}, expected ${JSON.stringify(expected.equals)}`;
    if (pattern !== null && !pattern.matcher(String(value)).find())
      return `is ${shown}, expected a match of "${short(expected.matches ?? '')}"`;
    if (expected.min !== undefined && !(typeof value === 'number' && value >= expected.min))
      return `is ${shown}, expected at least ${expected.min}`;
    if (expected.max !== undefined && !(typeof value === 'number' && value <= expected.max))
      return `is ${shown}, expected at most ${expected.max}`;
    return null;
  };
  return {
    pattern: false,
    problem(text) {
      let document: unknown;
      try {
        document = JSON.parse(text);
      } catch {
        return `the body is not JSON; it begins with "${short(text)}"`;
      }
      const values = path.values(document);
      if (values.length === 0) return `the JSON has nothing at ${path.source}`;
      const problem = values.map(wrong).find((said) => said !== null);
      return problem === undefined ? null : `the JSON at ${path.source} ${problem}`;
    },
  };
}

const SHOWN = 80;

/** The beginning of a text, printable, for a message. */
export function short(text: string): string {
  const plain = text
    .slice(0, SHOWN * 2)
    .replaceAll(/[^\x20-\x7e\u00a0-\ud7ff]+/g, ' ')
    .trim();
  return plain.length > SHOWN ? `${plain.slice(0, SHOWN)}…` : plain;
}
