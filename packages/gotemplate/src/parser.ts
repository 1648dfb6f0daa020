import type { Command, Node, Operand, ParsedTemplate, Pipe } from './ast.ts';
import type { Token } from './lexer.ts';
import { tokenize } from './lexer.ts';

/** Blocks and parentheses nest no deeper. */
const MAX_DEPTH = 100;

export interface ParseOptions {
  readonly isFunction: (name: string) => boolean;
  /** Makes the error for what stands at an offset. */
  readonly fail: (at: number, message: string) => Error;
  /** Variables that are there before the template begins, with their `$`; a definition does not see them. */
  readonly variables?: readonly string[];
  /** Where nothing may be defined: where that is, in words, such as `in a log query`. */
  readonly withoutDefinitions?: string;
}

/** Parses a template; what is no template is refused through `fail`. */
export function parseTemplate(source: string, options: ParseOptions): ParsedTemplate {
  return new TemplateParser(source, options).whole();
}

type Block = 'if' | 'with' | 'range';
type Ending = 'end' | 'else' | 'eof';

class TemplateParser {
  readonly #source: string;
  readonly #options: ParseOptions;
  readonly #tokens: readonly Token[];
  readonly #definitions = new Map<string, readonly Node[]>();
  #at = 0;
  #depth = 0;
  #loops = 0;
  #variables: string[];

  constructor(source: string, options: ParseOptions) {
    this.#source = source;
    this.#options = options;
    this.#tokens = tokenize(source, options.fail);
    this.#variables = ['$', ...(options.variables ?? [])];
  }

  whole(): ParsedTemplate {
    const { nodes, end } = this.#list();
    if (end !== 'eof') throw this.#fail(this.#peek().at, `unexpected {{${end}}}`);
    return { nodes, definitions: this.#definitions };
  }

  #fail(at: number, message: string): Error {
    return this.#options.fail(at, message);
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '', at: this.#source.length };
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

  /** What stands between an offset and the token that is next. */
  #textFrom(at: number): string {
    const last = this.#tokens[this.#at - 1];
    return last === undefined ? '' : this.#source.slice(at, last.at + last.text.length).trimEnd();
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

  #unexpected(token: Token, context: string): Error {
    if (token.kind === 'end') return this.#fail(token.at, 'unexpected EOF');
    return this.#fail(token.at, `unexpected ${JSON.stringify(token.text)} in ${context}`);
  }

  /** Nodes up to `{{end}}`, `{{else…}}` (left open: its pipeline follows) or the end of the template. */
  #list(): { readonly nodes: Node[]; readonly end: Ending } {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#next();
      if (token.kind === 'end') return { nodes, end: 'eof' };
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text });
        continue;
      }
      const word = this.#skipSpace();
      if (word.kind === 'word' && (word.text === 'end' || word.text === 'else')) {
        this.#next();
        if (word.text === 'end') this.#close('end');
        return { nodes, end: word.text };
      }
      const node = this.#node(word);
      if (node !== undefined) nodes.push(node);
    }
  }

  /** What an action is; undefined for a definition, which shows nothing where it stands. */
  #node(word: Token): Node | undefined {
    const text = word.kind === 'word' ? word.text : '';
    switch (text) {
      case 'if':
      case 'with':
      case 'range':
        this.#next();
        return this.#block(text);
      case 'break':
      case 'continue':
        this.#next();
        if (this.#loops === 0) throw this.#fail(word.at, `{{${text}}} outside {{range}}`);
        this.#close(text);
        return { kind: text };
      case 'define':
      case 'template':
      case 'block':
        if (this.#options.withoutDefinitions !== undefined)
          throw this.#fail(word.at, `{{${text}}} is not supported ${this.#options.withoutDefinitions}`);
        this.#next();
        return this.#definition(text, word.at);
      default:
        return this.#action();
    }
  }

  #action(): Node {
    const pipe = this.#pipe('command', 'close');
    this.#next();
    return { kind: 'action', pipe };
  }

  #definition(kind: 'define' | 'template' | 'block', at: number): Node | undefined {
    const clause = `${kind} clause`;
    if (kind === 'define' && this.#depth > 0) throw this.#fail(at, 'unexpected {{define}}');
    const token = this.#skipSpace();
    if (token.kind !== 'literal' || typeof token.value !== 'string') throw this.#unexpected(token, clause);
    this.#next();
    const name = token.value;
    if (kind === 'define') {
      this.#close(clause);
      this.#define(name, at);
      return undefined;
    }
    const pipe =
      kind === 'template' && this.#skipSpace().kind === 'close' ? undefined : this.#pipe(clause, 'close');
    const text = this.#textFrom(at);
    this.#next();
    if (kind === 'block') this.#define(name, at);
    return { kind: 'template', name, pipe, at, text };
  }

  /** Up to `{{end}}`, with no variables but the dot it is given. */
  #define(name: string, at: number): void {
    const [variables, loops] = [this.#variables, this.#loops];
    this.#variables = ['$'];
    this.#loops = 0;
    const { nodes, end } = this.#nested(() => this.#list());
    this.#variables = variables;
    this.#loops = loops;
    if (end === 'eof') throw this.#fail(this.#peek().at, 'unexpected EOF');
    if (end === 'else') throw this.#fail(this.#peek().at, 'unexpected {{else}}');
    const known = this.#definitions.get(name);
    if (known !== undefined && !isEmpty(known)) {
      if (isEmpty(nodes)) return;
      throw this.#fail(at, `multiple definition of template ${JSON.stringify(name)}`);
    }
    this.#definitions.set(name, nodes);
  }

  #block(kind: Block): Node {
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
  #otherwise(kind: Block): readonly Node[] {
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

  #missing(context: string, before: number): Error {
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
        return { kind: 'literal', value: token.value ?? '', at, text };
      case 'field': {
        const path = this.#path();
        return { kind: 'field', path, at, text: this.#textFrom(at) };
      }
      case 'variable': {
        this.#next();
        if (!this.#variables.includes(text)) throw this.#fail(at, `undefined variable "${text}"`);
        const path = this.#path();
        return { kind: 'variable', name: text, path, at, text: this.#textFrom(at) };
      }
      case 'word':
        this.#next();
        return this.#word(token);
      case 'sign': {
        if (text !== '(') return undefined;
        this.#next();
        const pipe = this.#pipe(context === 'range' ? 'parenthesized pipeline' : context, ')');
        this.#next();
        const path = this.#path();
        return { kind: 'group', pipe, path, at, text: this.#textFrom(at) };
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
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true', at, text };
    if (text === 'nil') return { kind: 'literal', value: null, at, text };
    if (!this.#options.isFunction(text)) throw this.#fail(at, `function ${JSON.stringify(text)} not defined`);
    return { kind: 'function', name: text, at, text };
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

/** Whether a template says nothing: such a definition gives way to any other. */
export function isEmpty(nodes: readonly Node[]): boolean {
  return nodes.every((node) => node.kind === 'text' && node.text.trim() === '');
}
