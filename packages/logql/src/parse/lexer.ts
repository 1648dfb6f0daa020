import { quote } from '@pharos/promql/vectors';
import { parseError } from '../errors.ts';
import { parseByteSize } from '../text/byte-size.ts';
import { parseQueryDuration } from '../text/go-duration.ts';
import type { Token, TokenType } from './tokens.ts';
import { isFunctionWord, isKeyword } from './tokens.ts';

const SPACE = /[ \t\n\r]/;
const WORD_START = /[\p{L}_]/u;
const WORD = /[\p{L}\p{Nd}_]*/uy;
const NUMBER =
  /(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)/y;
/** What may follow a number in a duration or a size without a space. */
const DURATION_TAIL = /[0-9.nuµmshdwy]+/y;
const BYTES_TAIL = /[0-9.BikKMGTP]+/y;
/** No number of a query needs more; keeps the patterns from running away. */
const LONGEST_NUMBER = 400;

const OPERATORS = [
  '|=',
  '|~',
  '|>',
  '!=',
  '!~',
  '!>',
  '=~',
  '==',
  '>=',
  '<=',
  '{',
  '}',
  '(',
  ')',
  ',',
  '|',
  '=',
  '>',
  '<',
  '+',
  '-',
  '*',
  '/',
  '%',
  '^',
] as const;

/** Turns a query into tokens, left to right; a lexical mistake is thrown when the parser reaches it. */
export class Lexer {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next token; after the last one, `eof` for ever. */
  next(): Token {
    this.#skipSpaceAndComments();
    const text = this.#text;
    const char = text[this.#at];
    if (char === undefined) return this.#emit('eof', 0);
    const following = text[this.#at + 1] ?? '';
    if (/[0-9]/.test(char) || (char === '.' && /[0-9]/.test(following))) return this.#number();
    if (char === '"' || char === '`') return this.#string(char);
    if (char === '[') return this.#range();
    if (char === '-' && following === '-' && /[a-z]/.test(text[this.#at + 2] ?? '')) return this.#flag();
    if (WORD_START.test(char)) return this.#word();
    for (const operator of OPERATORS)
      if (text.startsWith(operator, this.#at)) return this.#emit('operator', operator.length);
    const shown = String.fromCodePoint(text.codePointAt(this.#at) ?? 0);
    throw parseError(text, this.#at, `syntax error: unexpected character ${quote(shown)}`);
  }

  #skipSpaceAndComments(): void {
    const text = this.#text;
    for (;;) {
      while (this.#at < text.length && SPACE.test(text[this.#at] ?? '')) this.#at++;
      if (text[this.#at] !== '#') return;
      const end = text.indexOf('\n', this.#at);
      this.#at = end === -1 ? text.length : end;
    }
  }

  #emit(type: TokenType, length: number): Token {
    const start = this.#at;
    this.#at += length;
    const raw = this.#text.slice(start, this.#at);
    const text = type === 'keyword' || type === 'function' ? raw.toLowerCase() : raw;
    return { type, text, raw, start, end: this.#at };
  }

  #matchLength(pattern: RegExp, at: number): number {
    pattern.lastIndex = at;
    return pattern.exec(this.#text)?.[0].length ?? 0;
  }

  #word(): Token {
    const length = this.#matchLength(WORD, this.#at);
    const word = this.#text.slice(this.#at, this.#at + length).toLowerCase();
    if (isKeyword(word)) return this.#emit('keyword', length);
    if (isFunctionWord(word) && this.#opensCall(this.#at + length)) return this.#emit('function', length);
    return this.#emit('identifier', length);
  }

  /** A function's name is one only before `(`, `by` or `without`: everywhere else `rate` or `duration` names a label. */
  #opensCall(at: number): boolean {
    let next = at;
    while (SPACE.test(this.#text[next] ?? '')) next++;
    return /^(?:\(|(?:by|without)\b)/i.test(this.#text.slice(next, next + 8));
  }

  /** `1h30m` and `1.5KiB` are one token; what does not read as one leaves the number and goes on behind it. */
  #number(): Token {
    const length = this.#matchLength(NUMBER, this.#at);
    if (length > LONGEST_NUMBER) throw parseError(this.#text, this.#at, 'syntax error: number too long');
    for (const [tail, type, read] of [
      [DURATION_TAIL, 'duration', parseQueryDuration],
      [BYTES_TAIL, 'bytes', parseByteSize],
    ] as const) {
      const whole = length + this.#matchLength(tail, this.#at + length);
      if (whole === length || whole > LONGEST_NUMBER) continue;
      if (read(this.#text.slice(this.#at, this.#at + whole)).ok) return this.#emit(type, whole);
    }
    return this.#emit('number', length);
  }

  #string(mark: string): Token {
    const start = this.#at;
    for (let i = start + 1; ; i++) {
      const char = this.#text[i];
      if (char === undefined || (char === '\n' && mark === '"'))
        throw parseError(this.#text, start, 'literal not terminated');
      if (char === mark) return this.#emit('string', i + 1 - start);
      if (char === '\\' && mark === '"') i++;
    }
  }

  #range(): Token {
    const close = this.#text.indexOf(']', this.#at);
    if (close === -1) throw parseError(this.#text, this.#at, "missing closing ']' in duration");
    return this.#emit('range', close + 1 - this.#at);
  }

  #flag(): Token {
    const length = /^--[a-z-]+/.exec(this.#text.slice(this.#at, this.#at + 100))?.[0].length ?? 2;
    return this.#emit('flag', length);
  }
}
