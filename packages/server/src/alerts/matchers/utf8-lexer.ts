import { MatcherSyntaxError, RESERVED } from './matcher.ts';

export type TokenKind = '{' | '}' | ',' | '=' | '!=' | '=~' | '!~' | 'quoted' | 'unquoted' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written, with its quotes. */
  readonly text: string;
  /** Columns in characters, from 0; the end is exclusive. */
  readonly start: number;
  readonly end: number;
}

const SPACE = /\p{White_Space}/u;

/** Reads the UTF-8 syntax of matchers into tokens. Throws {@link MatcherSyntaxError} with Alertmanager's words. */
export class MatcherLexer {
  readonly #chars: readonly string[];
  #at = 0;
  /** The token that was looked at and not taken. */
  #peeked: Token | undefined;

  constructor(input: string) {
    this.#chars = Array.from(input);
  }

  /** The column behind everything that was taken. */
  get column(): number {
    return this.#at;
  }

  peek(): Token {
    this.#peeked ??= this.#scan(this.#at);
    return this.#peeked;
  }

  next(): Token {
    const token = this.peek();
    this.#peeked = undefined;
    this.#at = token.end;
    return token;
  }

  #scan(from: number): Token {
    let start = from;
    while (SPACE.test(this.#char(start))) start++;
    const char = this.#char(start);
    if (char === '') return { kind: 'end', text: '', start, end: start };
    if (char === '{' || char === '}' || char === ',') return this.#token(char, start, start + 1);
    if (char === '=' || char === '!') return this.#operator(char, start);
    if (char === '"') return this.#quoted(start);
    if (RESERVED.test(char)) throw new MatcherSyntaxError(`${start}:${start + 1}: ${char}: invalid input`);
    let end = start;
    while (this.#char(end) !== '' && !RESERVED.test(this.#char(end))) end++;
    return this.#token('unquoted', start, end);
  }

  #operator(first: '=' | '!', start: number): Token {
    const second = this.#char(start + 1);
    if (first === '=')
      return second === '~' ? this.#token('=~', start, start + 2) : this.#token('=', start, start + 1);
    if (second === '=') return this.#token('!=', start, start + 2);
    if (second === '~') return this.#token('!~', start, start + 2);
    const seen = second === '' ? 'unexpected end of input, ' : '!: ';
    throw new MatcherSyntaxError(`${start}:${start + 1}: ${seen}expected one of '=~'`);
  }

  #quoted(start: number): Token {
    for (let end = start + 1; end < this.#chars.length; end++) {
      const char = this.#char(end);
      if (char === '"') return this.#token('quoted', start, end + 1);
      if (char === '\\') end++;
    }
    throw new MatcherSyntaxError(
      `${start}:${this.#chars.length}: ${this.#chars.slice(start).join('')}: missing end "`,
    );
  }

  /** Empty behind the end. */
  #char(at: number): string {
    return this.#chars[at] ?? '';
  }

  #token(kind: TokenKind, start: number, end: number): Token {
    return { kind, text: this.#chars.slice(start, end).join(''), start, end };
  }
}
