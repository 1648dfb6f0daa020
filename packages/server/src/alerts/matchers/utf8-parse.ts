import { type MatchOperator, unescape } from '@pharos/promql';
import { type AlertMatcher, alertMatcher, MatcherSyntaxError } from './matcher.ts';
import { MatcherLexer, type Token, type TokenKind } from './utf8-lexer.ts';

const END = 'end of input';

/** A list in the UTF-8 syntax, with or without braces. Throws {@link MatcherSyntaxError} with Alertmanager's words. */
export function parseUtf8Matchers(input: string): readonly AlertMatcher[] {
  const lexer = new MatcherLexer(input);
  if (lexer.peek().kind === 'end') return [];
  const isBraced = lexer.peek().kind === '{';
  if (isBraced) lexer.next();
  const matchers: AlertMatcher[] = [];
  if (isBraced && lexer.peek().kind === 'end') throw unclosed(lexer);
  while (lexer.peek().kind !== '}') {
    matchers.push(readMatcher(lexer));
    const after = peekFor(lexer, [',', '}', 'end'], 'expected a comma or close brace');
    if (after.kind !== ',') break;
    lexer.next();
    const next = peekFor(
      lexer,
      ['}', 'unquoted', 'quoted', 'end'],
      'expected a matcher or close brace after comma',
    );
    if (next.kind === 'end') break;
  }
  close(lexer, isBraced);
  return matchers;
}

/** Exactly one matcher. */
export function parseUtf8Matcher(input: string): AlertMatcher {
  const matchers = parseUtf8Matchers(input);
  const [only] = matchers;
  if (only === undefined) throw new MatcherSyntaxError('no matchers');
  if (matchers.length > 1) throw new MatcherSyntaxError(`expected 1 matcher, found ${matchers.length}`);
  return only;
}

function readMatcher(lexer: MatcherLexer): AlertMatcher {
  const name = textOf(take(lexer, ['quoted', 'unquoted'], 'expected label name'));
  const op = operatorOf(
    take(lexer, ['=', '!=', '=~', '!~'], "expected an operator such as '=', '!=', '=~' or '!~'"),
  );
  const value = textOf(take(lexer, ['unquoted', 'quoted'], 'expected label value'));
  try {
    return alertMatcher(name, op, value);
  } catch (error) {
    if (!(error instanceof MatcherSyntaxError)) throw error;
    throw new MatcherSyntaxError(`failed to create matcher: ${error.message}`, { cause: error });
  }
}

function operatorOf({ kind }: Token): MatchOperator {
  return kind === '!=' || kind === '=~' || kind === '!~' ? kind : '=';
}

function textOf({ kind, text, start, end }: Token): string {
  if (kind !== 'quoted') return text;
  const body = text.slice(1, -1);
  const read = unescape(body, '"');
  // Bytes that are no UTF-8 become U+FFFD; somebody may have written one, too.
  const isBroken = read.ok && read.value.includes('\ufffd') && !/\ufffd|\\ufffd|\\U0000fffd/i.test(body);
  if (!read.ok || isBroken || body.includes('\n'))
    throw new MatcherSyntaxError(`${start}:${end}: ${text}: invalid input`);
  return read.value;
}

function close(lexer: MatcherLexer, isBraced: boolean): void {
  const token = lexer.peek();
  if (isBraced && token.kind === 'end') throw unclosed(lexer);
  if (token.kind === '}') {
    lexer.next();
    if (!isBraced) throw new MatcherSyntaxError(`0:${lexer.column}: }: expected opening brace`);
  }
  const rest = withReason(lexer, 'expected end of input');
  if (rest.kind !== 'end')
    throw new MatcherSyntaxError(`${rest.start}:${rest.end}: ${rest.text}: expected end of input`);
}

function unclosed(lexer: MatcherLexer): MatcherSyntaxError {
  return new MatcherSyntaxError(`0:${lexer.column}: ${END}: expected close brace`);
}

function take(lexer: MatcherLexer, kinds: readonly TokenKind[], reason: string): Token {
  const token = peekFor(lexer, [...kinds, 'end'], reason);
  if (token.kind === 'end') throw new MatcherSyntaxError(`${END}: ${reason}`);
  return lexer.next();
}

function peekFor(lexer: MatcherLexer, kinds: readonly TokenKind[], reason: string): Token {
  const token = withReason(lexer, reason);
  if (kinds.includes(token.kind)) return token;
  throw new MatcherSyntaxError(`${token.start}:${token.end}: unexpected ${token.text}: ${reason}`);
}

/** The next token; what cannot be read says what would have been there. */
function withReason(lexer: MatcherLexer, reason: string): Token {
  try {
    return lexer.peek();
  } catch (error) {
    if (!(error instanceof MatcherSyntaxError)) throw error;
    throw new MatcherSyntaxError(`${error.message}: ${reason}`, { cause: error });
  }
}
