import type { QueryError } from '../errors.ts';
import type { Span } from '../text/position.ts';
import { quote } from '../text/quote.ts';
import { Lexer } from './lexer.ts';
import { syntaxError } from './syntax-error.ts';
import type { Token, TokenType } from './tokens.ts';

/** Syntax behind Prometheus' feature flags; everything is off unless asked for. */
export interface ParserOptions {
  readonly experimentalFunctions?: boolean;
  readonly durationExpressions?: boolean;
  readonly extendedRangeSelectors?: boolean;
  readonly fillModifiers?: boolean;
  /** `</` and `>/` between histograms and numbers. */
  readonly trimOperators?: boolean;
}

/** Nesting above this would overflow the stack of parser, printer or evaluator. */
const MAX_DEPTH = 400;

/** The token stream of one query with one token of lookahead, and the ways to complain about it. */
export class Cursor {
  readonly text: string;
  readonly options: ParserOptions;
  readonly #lexer: Lexer;
  #ahead: Token | undefined;
  #lastEnd = 0;
  #depth = 0;

  constructor(text: string, options: ParserOptions) {
    this.text = text;
    this.options = options;
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

  /** Consumes the next token if it has this type (and word). */
  accept(type: TokenType, word?: string): Token | undefined {
    const token = this.peek();
    if (token.type !== type || (word !== undefined && token.word !== word)) return undefined;
    return this.next();
  }

  expect(type: TokenType, context: string, expected: string): Token {
    const token = this.peek();
    if (token.type !== type) throw this.unexpected(context, expected);
    return this.next();
  }

  /** Whether an opening parenthesis follows the token, without lexing it. */
  parenFollows(token: Token): boolean {
    return /^\s*\(/.test(this.text.slice(token.end, token.end + 1000));
  }

  /** `unexpected <token> in <context>, expected <expected>`, at the next token. */
  unexpected(context = '', expected = ''): QueryError {
    const token = this.peek();
    let message = `unexpected ${describe(token)}`;
    if (context !== '') message += ` in ${context}`;
    if (expected !== '') message += `, expected ${expected}`;
    return this.fail(token, message);
  }

  fail(where: Pick<Span, 'start'>, message: string): QueryError {
    return syntaxError(this.text, where.start, message);
  }

  /** Runs a nested parse, refusing input nested deeper than the stack bears. */
  nested<T>(parse: () => T): T {
    if (this.#depth >= MAX_DEPTH)
      throw this.fail(this.peek(), `expression nested deeper than ${MAX_DEPTH} levels`);
    this.#depth++;
    try {
      return parse();
    } finally {
      this.#depth--;
    }
  }
}

/** Types whose tokens are shown with a word before them. */
const TYPE_WORDS: ReadonlyMap<TokenType, string> = new Map<TokenType, string>([
  ['identifier', 'identifier '],
  ['metric-identifier', 'metric identifier '],
  ['string', 'string '],
  ['number', 'number '],
  ['duration', 'duration '],
]);

/** A token as Prometheus' messages show it. */
function describe(token: Token): string {
  const { type, text } = token;
  if (type === 'eof') return 'end of input';
  if (type === 'keyword') return `<${text}>`;
  if (type === 'aggregator') return `<aggr:${text}>`;
  if (type === 'operator' || type === '@') return `<op:${text}>`;
  const named = type === 'identifier' || type === 'metric-identifier';
  return `${TYPE_WORDS.get(type) ?? ''}${named ? quote(text) : shorten(text)}`;
}

function shorten(text: string): string {
  return text.length > 10 ? `${quote(text.slice(0, 10))}...` : quote(text);
}
