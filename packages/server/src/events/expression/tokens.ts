import { eventsErrors } from '../errors.ts';

type TokenKind = 'number' | 'string' | 'word' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** A string's value without quotes; a symbol or word as written. */
  readonly text: string;
  /** Where it begins, characters from 0. */
  readonly at: number;
}

/** Longest expression, characters. */
export const MOST_CHARACTERS = 4000;

const TWO = new Set(['==', '!=', '<=', '>=', '&&', '||']);
const ONE = new Set('<>+-*/%()[],.!');
const NUMBER = /(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const BLANKS = /\s*/y;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
]);

/** What is wrong with an expression, and where: `details.position` counts characters from 0. */
export function expressionError(message: string, position: number): Error {
  return eventsErrors.make('badExpression', `${message} at character ${position + 1}`, {
    details: { position },
  });
}

/** Cuts an expression into tokens, the last of kind `end`. Throws `events.badExpression`. */
export function tokensOf(text: string): readonly Token[] {
  if (text.length > MOST_CHARACTERS)
    throw expressionError(
      `the expression has ${text.length} characters, expected at most ${MOST_CHARACTERS}`,
      MOST_CHARACTERS,
    );
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += matched(BLANKS, text, at).length;
    if (at >= text.length) break;
    const token = tokenAt(text, at);
    tokens.push(token.token);
    at = token.end;
  }
  tokens.push({ kind: 'end', text: '', at: text.length });
  return tokens;
}

function tokenAt(text: string, at: number): { readonly token: Token; readonly end: number } {
  const first = text[at] ?? '';
  if (first === '"' || first === "'") return stringAt(text, at);
  const number = matched(NUMBER, text, at);
  if (number !== '') return { token: { kind: 'number', text: number, at }, end: at + number.length };
  const word = matched(WORD, text, at);
  if (word !== '') return { token: { kind: 'word', text: word, at }, end: at + word.length };
  const pair = text.slice(at, at + 2);
  if (TWO.has(pair)) return { token: { kind: 'symbol', text: pair, at }, end: at + 2 };
  if (ONE.has(first)) return { token: { kind: 'symbol', text: first, at }, end: at + 1 };
  const hint = first === '=' ? '; equality is written ==' : '';
  throw expressionError(`unexpected ${JSON.stringify(first)}${hint}`, at);
}

function stringAt(text: string, start: number): { readonly token: Token; readonly end: number } {
  const quote = text[start];
  let value = '';
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === quote) return { token: { kind: 'string', text: value, at: start }, end: at + 1 };
    if (char !== '\\') {
      value += char;
      continue;
    }
    const plain = ESCAPES.get(text[++at] ?? '');
    if (plain === undefined)
      throw expressionError(`unknown escape ${JSON.stringify(text.slice(at - 1, at + 1))}`, at - 1);
    value += plain;
  }
  throw expressionError('a text without its closing quote', start);
}

function matched(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}
