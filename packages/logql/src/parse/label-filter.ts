import { parseGoFloat } from '@pharos/gotemplate';
import type { Matcher, MatchOperator } from '@pharos/promql';
import { createMatcher, MatcherError } from '@pharos/promql';
import { parseByteSize } from '../text/byte-size.ts';
import { parseQueryDuration } from '../text/go-duration.ts';
import type { ComparisonOperator, LabelFilter } from './ast.ts';
import type { Cursor } from './cursor.ts';
import type { Token } from './tokens.ts';

const COMPARISONS: ReadonlySet<string> = new Set(['=', '==', '!=', '>', '>=', '<', '<=']);
const MATCHES: ReadonlySet<string> = new Set(['=', '!=', '=~', '!~']);

export function isMatchOperator(text: string): text is MatchOperator {
  return MATCHES.has(text);
}

function isComparison(text: string): text is ComparisonOperator {
  return COMPARISONS.has(text);
}

/** Conditions nest to the left: everything after the parser walks them by recursion, within this depth. */
const MAX_DEPTH = 500;
const depths = new WeakMap<LabelFilter, number>();

function join(cursor: Cursor, kind: 'and' | 'or', left: LabelFilter, right: LabelFilter): LabelFilter {
  const depth = 1 + Math.max(depths.get(left) ?? 1, depths.get(right) ?? 1);
  if (depth > MAX_DEPTH)
    throw cursor.fail(cursor.lastEnd, `more than ${MAX_DEPTH} conditions in a row in one label filter`);
  const filter: LabelFilter = { kind, left, right };
  depths.set(filter, depth);
  return filter;
}

/** `a="x" or b > 1s and c=~"y"`: `and`, a comma and a space are one operator, which binds tighter than `or`. */
export function parseLabelFilter(cursor: Cursor): LabelFilter {
  return cursor.nested(() => {
    let left = parseConjunction(cursor);
    while (cursor.accept('keyword', 'or') !== undefined)
      left = join(cursor, 'or', left, parseConjunction(cursor));
    return left;
  });
}

function parseConjunction(cursor: Cursor): LabelFilter {
  let left = parseOperand(cursor);
  for (;;) {
    const joined =
      cursor.accept('keyword', 'and') !== undefined || cursor.accept('operator', ',') !== undefined;
    if (!joined && !cursor.is('identifier') && !cursor.is('operator', '(')) return left;
    left = join(cursor, 'and', left, parseOperand(cursor));
  }
}

function parseOperand(cursor: Cursor): LabelFilter {
  if (cursor.accept('operator', '(') !== undefined) {
    const inner = parseLabelFilter(cursor);
    cursor.expectSign(')');
    return inner;
  }
  if (!cursor.is('identifier')) throw cursor.unexpected();
  const name = cursor.next().text;
  const operator = cursor.peek();
  const { text: op } = operator;
  if (operator.type !== 'operator' || (!isComparison(op) && !isMatchOperator(op))) throw cursor.unexpected();
  cursor.next();
  if (cursor.is('string') && isMatchOperator(op))
    return { kind: 'string', matcher: readMatcher(cursor, name, op) };
  if (!isComparison(op)) throw cursor.unexpected('STRING');
  if ((op === '=' || op === '!=') && cursor.is('function', 'ip'))
    return { kind: 'ip', name, op, pattern: parseIp(cursor) };
  return parseQuantity(cursor, name, op);
}

/** The value of a matcher; the operator is consumed. */
export function readMatcher(cursor: Cursor, name: string, op: MatchOperator): Matcher {
  const token = cursor.peek();
  const value = cursor.expectString();
  try {
    return createMatcher(name, op, value);
  } catch (error) {
    if (error instanceof MatcherError) throw cursor.fail(token.start, error.message);
    throw error;
  }
}

/** `ip("10.0.0.0/8")`, with the word still ahead. */
export function parseIp(cursor: Cursor): string {
  cursor.next();
  cursor.expectSign('(');
  const pattern = cursor.expectString();
  cursor.expectSign(')');
  return pattern;
}

function parseQuantity(cursor: Cursor, name: string, op: ComparisonOperator): LabelFilter {
  const sign = cursor.accept('operator', '-') ?? cursor.accept('operator', '+');
  const factor = sign?.text === '-' ? -1 : 1;
  const token = cursor.peek();
  const { type } = token;
  if (type === 'number') return { kind: 'number', name, op, value: factor * numberOf(cursor, cursor.next()) };
  const read = type === 'duration' ? parseQueryDuration : type === 'bytes' ? parseByteSize : undefined;
  if (read === undefined || (type === 'bytes' && sign !== undefined))
    throw cursor.unexpected(
      ...(op === '!=' || op === '='
        ? ['BYTES', 'STRING', 'NUMBER', 'DURATION']
        : ['BYTES', 'NUMBER', 'DURATION']),
    );
  cursor.next();
  const result = read(token.text);
  if (!result.ok) throw cursor.fail(token.start, result.reason);
  return { kind: type === 'duration' ? 'duration' : 'bytes', name, op, value: factor * result.value };
}

/** The value of a number token: what Go's scanner takes for a number, but its float parser refuses, is an error. */
export function numberOf(cursor: Cursor, token: Token): number {
  const result = parseGoFloat(token.text);
  if (!result.ok) throw cursor.fail(token.start, `unable to parse literal as a float: ${result.reason}`);
  return result.value;
}
