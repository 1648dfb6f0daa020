import type { StageError } from '../errors.ts';
import type { Command, Node, Operand, Pipe } from './ast.ts';
import type { Token } from './lexer.ts';
import { tokenize } from './lexer.ts';

/** Blocks and parentheses nest no deeper. */
const MAX_DEPTH = 100;

const REFUSED: ReadonlySet<string> = new Set(['define', 'template', 'block']);

/** Parses a template; what is no template is refused through `fail`. */
export function parseTemplate(
  source: string,
  isFunction: (name: string) => boolean,
  fail: (at: number, message: string) => StageError,
): readonly Node[] {
  const parser = new TemplateParser(tokenize(source, fail), isFunction, fail);
  return parser.whole();
}

class TemplateParser {
  readonly #tokens: readonly Token[];
  readonly #isFunction: (name: string) => boolean;
  readonly #fail: (at: number, message: string) => StageError;
  #at = 0;
  #depth = 0;
  #loops = 0;
  #variables: string[] = ['$'];

  constructor(
    tokens: readonly Token[],
    isFunction: (name: string) => boolean,
    fail: (at: number, message: string) => StageError,
  ) {
    this.#tokens = tokens;
    this.#isFunction = isFunction;
    this.#fail = fail;
  }

  whole(): readonly Node[] {
    const { nodes, end } = this.#list();
    if (end !== 'eof') throw this.#fail(this.#peek().at, `unexpected {{${end}}}`);
    return nodes;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '', at: 0 };
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #skipSpace(): Token {
    while (this.#peek().kind === 'space') this.#at++;
    return this.#peek();
  }

  #nested<T>(parse: () => T): T {
    if (this.#depth >= MAX_DEPTH) throw this.#fail(this.#peek().at, 'template nested too deep');
    this.#depth++;
    try {
      return parse();
    } finally {
      this.#depth--;
    }
  }

  #close(context: string): void {
    const token = this.#skipSpace();
    if (token.kind !== 'close') throw this.#unexpected(token, context);
    this.#next();
  }

  #unexpected(token: Token, context: string): StageError {
    if (token.kind === 'end') return this.#fail(token.at, 'unexpected EOF');
    return this.#fail(token.at, `unexpected ${JSON.stringify(token.text)} in ${context}`);
  }

  /** Nodes up to `{{end}}`, `{{else…}}` (left open: its pipeline follows) or the end of the template. */
  #list(): { readonly nodes: Node[]; readonly end: 'end' | 'else' | 'eof' } {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#next();
      if (token.kind === 'end') return { nodes, end: 'eof' };
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text });
        continue;
      }
      const word = this.#skipSpace();
      if (word.kind !== 'word') nodes.push(this.#action());
      else if (word.text === 'end' || word.text === 'else') {
        this.#next();
        if (word.text === 'end') this.#close('end');
        return { nodes, end: word.text };
      } else if (word.text === 'if' || word.text === 'with' || word.text === 'range') {
        this.#next();
        nodes.push(this.#block(word.text));
      } else if (word.text === 'break' || word.text === 'continue') {
        this.#next();
        if (this.#loops === 0) throw this.#fail(word.at, `{{${word.text}}} outside {{range}}`);
        this.#close(word.text);
        nodes.push({ kind: word.text });
      } else if (REFUSED.has(word.text)) {
        throw this.#fail(word.at, `{{${word.text}}} is not supported in a log query`);
      } else nodes.push(this.#action());
    }
  }

  #action(): Node {
    const pipe = this.#pipe('command', 'close');
    this.#next();
    return { kind: 'action', pipe };
  }

  #block(kind: 'if' | 'with' | 'range'): Node {
    return this.#nested(() => {
      const before = this.#variables.length;
      const pipe = this.#pipe(kind, 'close');
      this.#next();
      if (kind === 'range') this.#loops++;
      const { nodes: body, end } = this.#list();
      if (kind === 'range') this.#loops--;
      let otherwise: readonly Node[] = [];
      if (end === 'eof') throw this.#fail(this.#peek().at, 'unexpected EOF');
      if (end === 'else') otherwise = this.#otherwise(kind);
      this.#variables.length = before;
      return { kind, pipe, body, otherwise };
    });
  }

  /** Behind `{{else`: a closing, or `if …`, which then shares the end. */
  #otherwise(kind: 'if' | 'with' | 'range'): readonly Node[] {
    const token = this.#skipSpace();
    if (token.kind === 'word' && (token.text === 'if' || token.text === 'with') && kind !== 'range') {
      this.#next();
      return [this.#block(token.text)];
    }
    this.#close('else');
    const { nodes, end } = this.#list();
    if (end === 'else') throw this.#fail(this.#peek().at, 'expected end; found {{else}}');
    if (end === 'eof') throw this.#fail(this.#peek().at, 'unexpected EOF');
    return nodes;
  }

  /** A pipeline up to the token `until`, which stays ahead. */
  #pipe(context: string, until: 'close' | ')'): Pipe {
    return this.#nested(() => {
      const { at } = this.#skipSpace();
      const { names, assigns } = this.#declaration(context);
      const commands: Command[] = [];
      for (;;) {
        const command = this.#command(context);
        if (command.length === 0) throw this.#missing(context, commands.length);
        const [first] = command;
        if (
          commands.length > 0 &&
          first?.kind !== 'function' &&
          first?.kind !== 'field' &&
          first?.kind !== 'variable'
        )
          throw this.#fail(first?.at ?? at, 'non executable command in pipeline');
        commands.push(command);
        const token = this.#skipSpace();
        if (token.kind === 'sign' && token.text === '|') {
          this.#next();
          continue;
        }
        if (until === 'close' ? token.kind !== 'close' : token.text !== ')')
          throw this.#unexpected(token, context);
        for (const name of assigns ? [] : names) this.#variables.push(name);
        return { names, assigns, commands, at };
      }
    });
  }

  #missing(context: string, before: number): StageError {
    const token = this.#skipSpace();
    if (token.kind === 'close' || token.text === ')')
      return this.#fail(token.at, before === 0 ? `missing value for ${context}` : 'missing value after |');
    return this.#unexpected(token, context);
  }

  /** `$x :=`, `$x =`, `$i, $x :=`. */
  #declaration(context: string): { readonly names: readonly string[]; readonly assigns: boolean } {
    const start = this.#at;
    const names: string[] = [];
    for (;;) {
      const token = this.#skipSpace();
      if (token.kind !== 'variable') break;
      this.#next();
      names.push(token.text);
      const sign = this.#skipSpace();
      if (sign.kind === 'sign' && (sign.text === ':=' || sign.text === '=')) {
        this.#next();
        const unknown = names.find((name) => !this.#variables.includes(name));
        if (sign.text === '=' && unknown !== undefined)
          throw this.#fail(sign.at, `undefined variable "${unknown}"`);
        return { names, assigns: sign.text === '=' };
      }
      if (sign.text !== ',' || context !== 'range' || names.length === 2) break;
      this.#next();
    }
    this.#at = start;
    return { names: [], assigns: false };
  }

  #command(context: string): Command {
    const operands: Operand[] = [];
    for (;;) {
      this.#skipSpace();
      const operand = this.#operand(context);
      if (operand === undefined) return operands;
      operands.push(operand);
      const { kind, text } = this.#peek();
      if (kind !== 'space' && kind !== 'close' && text !== '|' && text !== ')')
        throw this.#unexpected(this.#peek(), 'operand');
    }
  }

  #operand(context: string): Operand | undefined {
    const token = this.#peek();
    const { at, text, kind } = token;
    switch (kind) {
      case 'literal':
        this.#next();
        return { kind: 'literal', value: token.value ?? '', at };
      case 'field':
        return { kind: 'field', path: this.#path(), at };
      case 'variable':
        this.#next();
        if (!this.#variables.includes(text)) throw this.#fail(at, `undefined variable "${text}"`);
        return { kind: 'variable', name: text, path: this.#path(), at };
      case 'word':
        this.#next();
        return this.#word(token);
      case 'sign': {
        if (text !== '(') return undefined;
        this.#next();
        const pipe = this.#pipe(context === 'range' ? 'parenthesized pipeline' : context, ')');
        this.#next();
        return { kind: 'group', pipe, path: this.#path(), at };
      }
      case 'text':
      case 'open':
      case 'close':
      case 'space':
      case 'end':
        return undefined;
    }
  }

  #word({ text, at }: Token): Operand {
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true', at };
    if (text === 'nil') return { kind: 'literal', value: null, at };
    if (!this.#isFunction(text)) throw this.#fail(at, `function ${JSON.stringify(text)} not defined`);
    return { kind: 'function', name: text, at };
  }

  /** Names behind dots; a lone dot is the empty path. */
  #path(): readonly string[] {
    const path: string[] = [];
    while (this.#peek().kind === 'field') {
      const { text, at } = this.#next();
      if (text === '.') {
        if (path.length > 0 || this.#peek().kind === 'field')
          throw this.#fail(at, 'unexpected . after field');
        break;
      }
      path.push(text.slice(1));
    }
    return path;
  }
}
