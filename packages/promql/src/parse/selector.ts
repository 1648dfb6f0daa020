import { METRIC_NAME } from '../labels.ts';
import type { Matcher, MatchOperator } from '../matcher.ts';
import { createMatcher, MatcherError } from '../matcher.ts';
import { quote } from '../text/quote.ts';
import type { VectorSelector } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { stringValue } from './literals.ts';
import type { Token } from './tokens.ts';

/** `{...}` after an optional metric name that has been consumed already. */
export function parseVectorSelector(cursor: Cursor, name: Token | undefined): VectorSelector {
  const start = name?.start ?? cursor.peek().start;
  const matchers: Matcher[] = [];
  if (cursor.accept('{') !== undefined) parseMatchers(cursor, matchers);
  const span = { start, end: cursor.lastEnd };
  if (name !== undefined) {
    const twice = matchers.find((matcher) => matcher.name === METRIC_NAME);
    if (twice !== undefined)
      throw cursor.fail(
        span,
        `metric name must not be set twice: ${quote(name.text)} or ${quote(twice.value)}`,
      );
    matchers.push(createMatcher(METRIC_NAME, '=', name.text));
  }
  return {
    kind: 'vector',
    name: name?.text ?? '',
    matchers,
    smoothed: false,
    offset: 0,
    at: undefined,
    span,
  };
}

function parseMatchers(cursor: Cursor, into: Matcher[]): void {
  let named = false;
  while (cursor.accept('}') === undefined) {
    const token = cursor.peek();
    if (token.type !== 'identifier' && token.type !== 'string')
      throw cursor.unexpected('label matching', 'identifier or "}"');
    cursor.next();
    const name = token.type === 'string' ? stringValue(cursor, token) : token.text;
    const after = cursor.peek();
    const operator = matchOperator(after);
    if (operator !== undefined) {
      cursor.next();
      into.push(parseMatcherValue(cursor, token, name, operator));
    } else if (token.type === 'string' && (after.type === ',' || after.type === '}')) {
      if (named)
        throw cursor.fail(
          token,
          `metric name must not be set twice: ${quote(nameOf(into))} or ${quote(name)}`,
        );
      named = true;
      into.push(createMatcher(METRIC_NAME, '=', name));
    } else {
      throw cursor.unexpected('label matching', 'label matching operator');
    }
    if (cursor.accept(',') === undefined && cursor.peek().type !== '}')
      throw cursor.unexpected('label matching', '"," or "}"');
  }
}

function nameOf(matchers: readonly Matcher[]): string {
  return matchers.find((matcher) => matcher.name === METRIC_NAME)?.value ?? '';
}

function matchOperator(token: Token): MatchOperator | undefined {
  if (token.type === '=') return '=';
  if (token.type !== 'operator') return undefined;
  return token.text === '!=' || token.text === '=~' || token.text === '!~' ? token.text : undefined;
}

function parseMatcherValue(cursor: Cursor, label: Token, name: string, op: MatchOperator): Matcher {
  const value = cursor.expect('string', 'label matching', 'string');
  try {
    return createMatcher(name, op, stringValue(cursor, value));
  } catch (error) {
    if (error instanceof MatcherError) throw cursor.fail(label, error.message);
    throw error;
  }
}

/** Prometheus refuses a selector that would match every series, usually a typing mistake. */
export function requireNonEmptyMatcher(cursor: Cursor, selector: VectorSelector): void {
  if (!selector.matchers.some((matcher) => !matcher.matches('')))
    throw cursor.fail(selector.span, 'vector selector must contain at least one non-empty matcher');
}
