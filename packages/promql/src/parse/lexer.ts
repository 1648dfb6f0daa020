import { quote } from '../text/quote.ts';
import { syntaxError } from './syntax-error.ts';
import type { Token, TokenType } from './tokens.ts';
import { wordType } from './tokens.ts';

const SPACE = /[ \t\n\r]/;
const DIGIT = /[0-9]/;
const WORD_START = /[a-zA-Z_]/;
const WORD_OR_COLON = /[a-zA-Z0-9_:]/;
const WORD = /[a-zA-Z0-9_]/;
const PUNCTUATION: ReadonlyMap<string, TokenType> = new Map([
  [',', ','],
  ['@', '@'],
]);
const PLAIN_OPERATORS = '+-*/%^';

/**
 * Turns a query into tokens, left to right. Three contexts change what a character means: inside `{}` only
 * matchers stand, inside `[]` a colon separates range and step, elsewhere it is part of a metric name. An error
 * is a token of its own, thrown only when the parser reaches it: an earlier grammar error is reported first.
 */
export class Lexer {
  readonly #text: string;
  #at = 0;
  #parens = 0;
  #inBraces = false;
  #inBrackets = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next token; after the last one, `eof` for ever. Throws a QueryError at a lexical mistake. */
  next(): Token {
    this.#skipSpaceAndComments();
    const char = this.#text[this.#at];
    if (char === undefined) return this.#end();
    return this.#inBraces ? this.#insideBraces(char) : this.#outside(char);
  }

  #skipSpaceAndComments(): void {
    const text = this.#text;
    for (;;) {
      while (this.#at < text.length && SPACE.test(text[this.#at] ?? '')) this.#at++;
      if (text[this.#at] !== '#') return;
      while (this.#at < text.length && text[this.#at] !== '\n' && text[this.#at] !== '\r') this.#at++;
    }
  }

  #end(): Token {
    if (this.#inBraces) throw this.#error('unexpected end of input inside braces');
    if (this.#parens !== 0) throw this.#error('unclosed left parenthesis');
    if (this.#inBrackets) throw this.#error('unclosed left bracket');
    return { type: 'eof', text: '', word: '', start: this.#at, end: this.#at };
  }

  #error(message: string, at = this.#at): Error {
    return syntaxError(this.#text, at, message);
  }

  #emit(type: TokenType, length: number): Token {
    const start = this.#at;
    this.#at += length;
    const text = this.#text.slice(start, this.#at);
    const word = type === 'string' || type === 'identifier' ? text : text.toLowerCase();
    return { type, text, word, start, end: this.#at };
  }

  #outside(char: string): Token {
    const following = this.#text[this.#at + 1] ?? '';
    if (DIGIT.test(char) || (char === '.' && DIGIT.test(following))) return this.#numberOrDuration();
    if (char === '"' || char === "'" || char === '`') return this.#string(char);
    if (PLAIN_OPERATORS.includes(char)) return this.#emit('operator', 1);
    const punctuation = PUNCTUATION.get(char);
    if (punctuation !== undefined) return this.#emit(punctuation, 1);
    if (WORD_START.test(char) || (char === ':' && !this.#inBrackets)) return this.#word();
    if (char === ':') return this.#emit(':', 1);
    if ('=!<>'.includes(char)) return this.#comparison(char, following);
    if ('()[]{}'.includes(char)) return this.#bracket(char);
    throw this.#error(`unexpected character: ${quoteChar(this.#text, this.#at)}`);
  }

  #comparison(char: string, following: string): Token {
    if (char === '=' && following === '~')
      throw this.#error(`unexpected character after '=': ${quoteChar(this.#text, this.#at + 1)}`);
    if (following === '=' || (following === '/' && (char === '<' || char === '>')))
      return this.#emit('operator', 2);
    if (char === '=') return this.#emit('=', 1);
    if (char === '!')
      throw this.#error(`unexpected character after '!': ${quoteChar(this.#text, this.#at + 1)}`);
    return this.#emit('operator', 1);
  }

  #bracket(char: string): Token {
    if (char === '(') this.#parens++;
    if (char === ')') {
      if (this.#parens === 0) throw this.#error(`unexpected right parenthesis ')'`);
      this.#parens--;
    }
    if (char === '[') {
      if (this.#inBrackets) throw this.#error(`unexpected left bracket '['`);
      this.#inBrackets = true;
    }
    if (char === ']') {
      if (!this.#inBrackets) throw this.#error(`unexpected right bracket ']'`);
      this.#inBrackets = false;
    }
    if (char === '{') this.#inBraces = true;
    if (char === '}') throw this.#error(`unexpected character: '}'`);
    const type = char as '(' | ')' | '[' | ']' | '{'; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the caller tested membership
    return this.#emit(type, 1);
  }

  #insideBraces(char: string): Token {
    const following = this.#text[this.#at + 1] ?? '';
    if (WORD_START.test(char)) {
      let length = 1;
      while (WORD.test(this.#text[this.#at + length] ?? '')) length++;
      return this.#emit('identifier', length);
    }
    if (char === ',') return this.#emit(',', 1);
    if (char === '"' || char === "'" || char === '`') return this.#string(char);
    if (char === '=') return following === '~' ? this.#emit('operator', 2) : this.#emit('=', 1);
    if (char === '!') {
      if (following === '~' || following === '=') return this.#emit('operator', 2);
      throw this.#error(
        `unexpected character after '!' inside braces: ${quoteChar(this.#text, this.#at + 1)}`,
      );
    }
    if (char === '{') throw this.#error(`unexpected left brace '{'`);
    if (char === '}') {
      this.#inBraces = false;
      return this.#emit('}', 1);
    }
    throw this.#error(`unexpected character inside braces: ${quoteChar(this.#text, this.#at)}`);
  }

  #word(): Token {
    let length = 1;
    const part = this.#inBrackets ? WORD : WORD_OR_COLON;
    while (part.test(this.#text[this.#at + length] ?? '')) length++;
    const text = this.#text.slice(this.#at, this.#at + length);
    const known = wordType(text.toLowerCase());
    if (known !== undefined) return this.#emit(known, length);
    if (/^(?:inf|nan)$/i.test(text)) return this.#emit('number', length);
    return this.#emit(text.includes(':') ? 'metric-identifier' : 'identifier', length);
  }

  #string(mark: string): Token {
    const start = this.#at;
    for (let i = start + 1; ; i++) {
      const char = this.#text[i];
      if (char === undefined || (char === '\n' && mark !== '`')) {
        const kind = mark === '`' ? 'raw string' : 'quoted string';
        throw this.#error(`unterminated ${kind}`);
      }
      if (char === mark) return this.#emit('string', i + 1 - start);
      if (char === '\\' && mark !== '`') i++;
    }
  }

  /** A number ends where a word could not go on; `5m`, `1h30m` are durations; `0x1f`, `1_000`, `1e5` numbers. */
  #numberOrDuration(): Token {
    const rest = /^[0-9a-zA-Z_.]+/.exec(this.#text.slice(this.#at, this.#at + 400))?.[0] ?? '';
    const number =
      /^(?:0[xX](?:_?[0-9a-fA-F])+|(?:\d(?:_?\d)*)?\.?(?:\d(?:_?\d)*)?(?:[eE][+-]?\d(?:_?\d)*)?)/.exec(
        this.#text.slice(this.#at, this.#at + 400),
      )?.[0] ?? '';
    const after = this.#text[this.#at + number.length] ?? '';
    if (number !== '' && !WORD.test(after) && after !== '.') return this.#emit('number', number.length);
    const duration = /^(?:\d+(?:ms|[smhdwy]))+/.exec(rest)?.[0] ?? '';
    const afterDuration = this.#text[this.#at + duration.length] ?? '';
    if (duration !== '' && !WORD.test(afterDuration)) return this.#emit('duration', duration.length);
    const shown = this.#text.slice(this.#at, this.#at + Math.max(rest.length, 1));
    throw this.#error(`bad number or duration syntax: ${quote(shown)}`);
  }
}

/** One character the way Go's `%q` shows a rune. */
function quoteChar(text: string, at: number): string {
  const code = text.codePointAt(at);
  if (code === undefined) return "'\\x00'";
  const char = String.fromCodePoint(code);
  if (char === "'") return "'\\''";
  if (char === '"') return `'"'`;
  return `'${quote(char).slice(1, -1)}'`;
}
