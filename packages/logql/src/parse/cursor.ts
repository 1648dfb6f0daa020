import type { QueryError } from '@pharos/promql';
import { unescape } from '@pharos/promql/vectors';
import { parseError, StageError } from '../errors.ts';
import { Lexer } from './lexer.ts';
import type { Token, TokenType } from './tokens.ts';
import { describeToken } from './tokens.ts';

/** Nesting above this would overflow the stack of parser, printer or evaluator. */
const MAX_DEPTH = 300;

/** Longer queries are refused: no person writes them, and every pattern in one is compiled. */
const MAX_LENGTH = 131_072;

/** Stages and alternatives of line filters in one query: each compiles something, a pattern up to a millisecond long. */
const MAX_STAGES = 500;

/** yacc lists at most four; more and the list is left out. */
const MOST_EXPECTED = 4;

/** The token stream of one query with one token of lookahead, and the ways to complain about it. */
export class Cursor {
  readonly text: string;
  readonly #lexer: Lexer;
  #ahead: Token | undefined;
  #lastEnd = 0;
  #depth = 0;
  #stages = 0;

  constructor(text: string) {
    if (text.length > MAX_LENGTH)
      throw parseError(text, 0, `input size too long (${text.length} > ${MAX_LENGTH})`);
    this.text = text;
    this.#lexer = new Lexer(text);
  }

  /** End of the last consumed token. */
  get lastEnd(): number {
    return this.#lastEnd;
  }

  peek(): Token {
    this.#ahead ??= this.#lexer.next();
    return this.#ahead;
  }

  next(): Token {
    const token = this.peek();
    this.#ahead = undefined;
    if (token.type !== 'eof') this.#lastEnd = token.end;
    return token;
  }

  is(type: TokenType, text?: string): boolean {
    const token = this.peek();
    return token.type === type && (text === undefined || token.text === text);
  }

  /** Consumes the next token if it has this type (and text). */
  accept(type: TokenType, text?: string): Token | undefined {
    return this.is(type, text) ? this.next() : undefined;
  }

  /** Consumes a sign or complains. */
  expectSign(sign: string): Token {
    if (!this.is('operator', sign)) throw this.unexpected(sign);
    return this.next();
  }

  /** The text of a string token, escapes resolved. */
  expectString(...alternatives: string[]): string {
    if (!this.is('string')) throw this.unexpected('STRING', ...alternatives);
    return this.stringOf(this.next());
  }

  stringOf(token: Token): string {
    const result = unescape(token.text.slice(1, -1), token.text[0] ?? '"');
    if (!result.ok) throw this.fail(token.start, `invalid string literal: ${result.reason}`);
    return result.value;
  }

  /** A label's name; words with a meaning elsewhere are names where only a name can stand. */
  expectName(...alternatives: string[]): Token {
    const { type } = this.peek();
    if (type !== 'identifier' && type !== 'keyword' && type !== 'function')
      throw this.unexpected('IDENTIFIER', ...alternatives);
    return this.next();
  }

  /** `syntax error: unexpected X, expecting A or B`, at the next token. */
  unexpected(...expected: string[]): QueryError {
    const token = this.peek();
    const list =
      expected.length === 0 || expected.length > MOST_EXPECTED ? '' : `, expecting ${expected.join(' or ')}`;
    return this.fail(token.start, `syntax error: unexpected ${describeToken(token)}${list}`);
  }

  fail(at: number, message: string): QueryError {
    return parseError(this.text, at, message);
  }

  /** Builds what may be refused for what it says (a pattern, a template), giving the refusal a place. */
  build<T>(at: number, make: () => T): T {
    try {
      return make();
    } catch (error) {
      if (error instanceof StageError) throw this.fail(at, error.message);
      throw error;
    }
  }

  /** Counts what will be compiled; refuses a query that has too much of it. */
  countStages(count: number): void {
    this.#stages += count;
    if (this.#stages > MAX_STAGES)
      throw this.fail(this.#lastEnd, `more than ${MAX_STAGES} stages and line filters in one query`);
  }

  /** Runs a nested parse, refusing input nested deeper than the stack bears. */
  nested<T>(parse: () => T): T {
    if (this.#depth >= MAX_DEPTH)
      throw this.fail(this.peek().start, `expression nested deeper than ${MAX_DEPTH} levels`);
    this.#depth++;
    try {
      return parse();
    } finally {
      this.#depth--;
    }
  }
}
