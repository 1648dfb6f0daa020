import { RE2JS } from 're2js';
import { suggest } from '../../kernel/config/suggest.ts';
import { type Arithmetic, COMPARISONS, type Comparison, type Expression, ROOTS, type Root } from './ast.ts';
import { FUNCTIONS } from './functions.ts';
import { expressionError, type Token, tokensOf } from './tokens.ts';

/** Parts of one expression. */
const MOST_NODES = 500;
/** Brackets in brackets. */
const MOST_DEPTH = 40;
const MOST_PATTERN = 500;

/**
 * Reads an expression. Throws `events.badExpression`, which says where.
 *
 *     or:       and {"or" and}                     and:     not {"and" not}
 *     not:      "not" not | compare                compare: sum [("==" | "<" | "in" | "matches" …) sum]
 *     sum:      product {("+" | "-") product}      product: unary {("*" | "/" | "%") unary}
 *     unary:    "-" unary | literal | list | path | function "(" … ")" | "(" or ")"
 *     path:     root {"." name | "[" (text | number) "]"}
 */
export function parseExpression(text: string): Expression {
  const parser = new Parser(tokensOf(text));
  return parser.whole();
}

/** Reads a path such as `data.order.items[0]`. */
export function parsePath(text: string): Extract<Expression, { kind: 'path' }> {
  const parsed = parseExpression(text);
  if (parsed.kind === 'path') return parsed;
  throw expressionError(
    `expected a path such as data.latency, found ${JSON.stringify(text.slice(0, 50))}`,
    0,
  );
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #nodes = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Expression {
    const expression = this.#or();
    const rest = this.#peek();
    if (rest.kind !== 'end') throw expressionError(`unexpected ${shown(rest)}`, rest.at);
    return expression;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#take('or') || this.#take('||'))
      left = this.#node({ kind: 'logic', operator: 'or', left, right: this.#and() });
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#take('and') || this.#take('&&'))
      left = this.#node({ kind: 'logic', operator: 'and', left, right: this.#not() });
    return left;
  }

  #not(): Expression {
    if (!this.#take('not') && !this.#take('!')) return this.#compare();
    return this.#deeper(() => this.#node({ kind: 'not', operand: this.#not() }));
  }

  #compare(): Expression {
    const left = this.#sum();
    if (this.#take('matches')) return this.#matches(left);
    if (this.#peek().text === 'not' && this.#peek().kind === 'word') {
      this.#next++;
      this.#expect('in');
      const inside = this.#node({ kind: 'compare', operator: 'in', left, right: this.#sum() });
      return this.#node({ kind: 'not', operand: inside });
    }
    const operator = this.#comparison();
    if (operator === undefined) return left;
    const compared = this.#node({ kind: 'compare', operator, left, right: this.#sum() });
    const next = this.#peek();
    if (this.#comparison() !== undefined)
      throw expressionError('comparisons cannot be chained; join them with "and"', next.at);
    return compared;
  }

  #comparison(): Comparison | undefined {
    const token = this.#peek();
    if (token.kind !== 'symbol' && token.kind !== 'word') return undefined;
    const found = COMPARISONS.find((operator) => operator === token.text);
    if (found !== undefined) this.#next++;
    return found;
  }

  #matches(operand: Expression): Expression {
    const token = this.#peek();
    if (token.kind !== 'string') throw expressionError('expected an RE2 pattern in quotes', token.at);
    if (token.text.length > MOST_PATTERN)
      throw expressionError(`a pattern has at most ${MOST_PATTERN} characters`, token.at);
    this.#next++;
    try {
      return this.#node({ kind: 'matches', operand, pattern: RE2JS.compile(token.text) });
    } catch (cause) {
      throw expressionError(
        `no RE2 pattern: ${cause instanceof Error ? cause.message : String(cause)}`,
        token.at,
      );
    }
  }

  #sum(): Expression {
    let left = this.#product();
    for (;;) {
      const operator = this.#symbol('+', '-');
      if (operator === undefined) return left;
      left = this.#node({ kind: 'arithmetic', operator, left, right: this.#product() });
    }
  }

  #product(): Expression {
    let left = this.#unary();
    for (;;) {
      const operator = this.#symbol('*', '/', '%');
      if (operator === undefined) return left;
      left = this.#node({ kind: 'arithmetic', operator, left, right: this.#unary() });
    }
  }

  #unary(): Expression {
    if (!this.#take('-')) return this.#primary();
    return this.#deeper(() => this.#node({ kind: 'negate', operand: this.#unary() }));
  }

  #primary(): Expression {
    const token = this.#peek();
    this.#next++;
    if (token.kind === 'number') return this.#literal(Number(token.text), token);
    if (token.kind === 'string') return this.#node({ kind: 'literal', value: token.text });
    if (token.kind === 'word') return this.#word(token);
    if (token.text === '(')
      return this.#deeper(() => {
        const inner = this.#or();
        this.#expect(')');
        return inner;
      });
    if (token.text === '[') return this.#deeper(() => this.#node({ kind: 'list', items: this.#items(']') }));
    throw expressionError(
      token.kind === 'end' ? 'the expression ends where a value was expected' : `unexpected ${shown(token)}`,
      token.at,
    );
  }

  #literal(value: number, token: Token): Expression {
    if (!Number.isFinite(value)) throw expressionError('the number is too large', token.at);
    return this.#node({ kind: 'literal', value });
  }

  #word(token: Token): Expression {
    const { text } = token;
    if (text === 'true' || text === 'false') return this.#node({ kind: 'literal', value: text === 'true' });
    if (text === 'null') return this.#node({ kind: 'literal', value: null });
    if (this.#peek().text === '(' && this.#peek().kind === 'symbol') return this.#call(token);
    const root = ROOTS.find((name) => name === text);
    if (root === undefined) {
      const near = suggest(text, [...ROOTS, ...FUNCTIONS.keys()]);
      const help = near === undefined ? `known are ${ROOTS.join(', ')}` : `did you mean ${near}?`;
      throw expressionError(`unknown name ${JSON.stringify(text)}; ${help}`, token.at);
    }
    return this.#path(root);
  }

  #call(token: Token): Expression {
    const known = FUNCTIONS.get(token.text);
    if (known === undefined)
      throw expressionError(
        `unknown function ${JSON.stringify(token.text)}; known are ${[...FUNCTIONS.keys()].join(', ')}`,
        token.at,
      );
    this.#next++;
    const args = this.#deeper(() => this.#items(')'));
    const [fewest, most] = known.arity;
    if (args.length < fewest || args.length > most) {
      const expected = fewest === most ? String(fewest) : `${fewest} to ${most}`;
      throw expressionError(`${token.text} takes ${expected} argument(s), found ${args.length}`, token.at);
    }
    return this.#node({ kind: 'call', name: token.text, args });
  }

  #items(close: ')' | ']'): readonly Expression[] {
    const items: Expression[] = [];
    if (this.#take(close)) return items;
    do items.push(this.#or());
    while (this.#take(','));
    this.#expect(close);
    return items;
  }

  #path(root: Root): Expression {
    const steps: (string | number)[] = [];
    for (;;) {
      if (this.#take('.')) {
        const token = this.#peek();
        if (token.kind !== 'word') throw expressionError('expected a name after "."', token.at);
        this.#next++;
        steps.push(token.text);
      } else if (this.#take('[')) {
        steps.push(this.#key());
        this.#expect(']');
      } else return this.#node({ kind: 'path', root, steps });
    }
  }

  #key(): string | number {
    const token = this.#peek();
    this.#next++;
    if (token.kind === 'string') return token.text;
    if (token.kind === 'number' && Number.isSafeInteger(Number(token.text))) return Number(token.text);
    throw expressionError('expected a name in quotes or a whole number', token.at);
  }

  #symbol<Wanted extends Arithmetic>(...wanted: readonly Wanted[]): Wanted | undefined {
    const token = this.#peek();
    const found = token.kind === 'symbol' ? wanted.find((text) => text === token.text) : undefined;
    if (found !== undefined) this.#next++;
    return found;
  }

  #node(expression: Expression): Expression {
    if (++this.#nodes > MOST_NODES)
      throw expressionError(`an expression has at most ${MOST_NODES} parts`, this.#peek().at);
    return expression;
  }

  #deeper<Made>(make: () => Made): Made {
    if (++this.#depth > MOST_DEPTH)
      throw expressionError(`nested more than ${MOST_DEPTH} deep`, this.#peek().at);
    const made = make();
    this.#depth--;
    return made;
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#next, this.#tokens.length - 1)];
  }

  #take(text: string): boolean {
    const token = this.#peek();
    if (token.text !== text || (token.kind !== 'symbol' && token.kind !== 'word')) return false;
    this.#next++;
    return true;
  }

  #expect(text: string): void {
    const token = this.#peek();
    if (!this.#take(text)) throw expressionError(`expected "${text}", found ${shown(token)}`, token.at);
  }
}

function shown({ kind, text }: Token): string {
  return kind === 'end' ? 'the end' : JSON.stringify(text.slice(0, 50));
}
