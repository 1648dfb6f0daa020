import type { Node } from './ast.ts';
import type { CallContext, TemplateFunction } from './call.ts';
import { Execution, type Render } from './execution.ts';
import type { Read } from './go-float.ts';
import { isEmpty, parseTemplate } from './parser.ts';
import { TemplateError } from './template-error.ts';
import type { Value } from './values.ts';

/** A text that is no template; the message says where, as Go does: `template: name:1: unclosed action`. */
export class TemplateSyntaxError extends Error {
  override readonly name = 'TemplateSyntaxError';
}

/** Longer templates are refused: they are written by people. */
const MAX_LENGTH = 1_048_576;

/** What one execution is given. */
interface TemplateRun<C> {
  readonly data: Value;
  readonly context: C & CallContext;
  /** Values of the variables that were named when it was parsed. */
  readonly variables?: ReadonlyMap<string, Value>;
  readonly render?: Render;
}

/** A template that can be executed any number of times; it holds no state. */
export interface Template<C> {
  /**
   * The text, or why there is none: `template: name:1:3: executing "name" at <.x.y>: …`. What a function throws that is no
   * TemplateError passes through.
   */
  execute(run: TemplateRun<C>): Read<string>;
}

interface Parsed {
  readonly nodes: readonly Node[];
  readonly source: string;
  /** What the source was called when it was parsed. */
  readonly name: string;
  /** Bytes that stand before the source on its first line, as far as errors count. */
  readonly offset: number;
}

export interface TemplateOptions {
  /** Variables that are there from the beginning, with their `$`. */
  readonly variables?: readonly string[];
  /** Bytes to add to the columns of the first line, where the text is shown as the end of a longer one. */
  readonly offset?: number;
}

/** Go's text/template: templates that know each other by name, with the functions of the caller. */
export class TemplateSet<C = unknown> {
  readonly #functions: ReadonlyMap<string, TemplateFunction<C>>;
  readonly #known: Map<string, Parsed>;

  constructor(
    functions: ReadonlyMap<string, TemplateFunction<C>>,
    known: ReadonlyMap<string, Parsed> = new Map(),
  ) {
    this.#functions = functions;
    this.#known = new Map(known);
  }

  /** A set with the same templates; what it parses then stays its own. */
  clone(): TemplateSet<C> {
    return new TemplateSet(this.#functions, this.#known);
  }

  names(): readonly string[] {
    return [...this.#known.keys()];
  }

  /**
   * Adds what the text defines and answers the text itself as a template. A definition replaces one of the same name from a text
   * before, unless it is empty. Throws a TemplateSyntaxError; then nothing was added.
   */
  parse(name: string, source: string, options: TemplateOptions = {}): Template<C> {
    const fail = (at: number, message: string): Error =>
      new TemplateSyntaxError(`template: ${name}:${lineOf(source, at)}: ${message}`);
    if (source.length > MAX_LENGTH) throw fail(0, `longer than ${MAX_LENGTH} characters`);
    const { nodes, definitions } = parseTemplate(source, {
      isFunction: (word) => this.#functions.has(word),
      fail,
      ...(options.variables === undefined ? {} : { variables: options.variables }),
    });
    const parsed = { source, name, offset: options.offset ?? 0 };
    for (const [defined, body] of definitions)
      if (!this.#known.has(defined) || !isEmpty(body)) this.#known.set(defined, { ...parsed, nodes: body });
    return this.#template(name, { ...parsed, nodes });
  }

  /** A template by its name; undefined where none is defined. */
  lookup(name: string): Template<C> | undefined {
    const parsed = this.#known.get(name);
    return parsed === undefined ? undefined : this.#template(name, parsed);
  }

  #template(name: string, parsed: Parsed): Template<C> {
    return {
      execute: ({ data, context, variables, render }) => {
        try {
          const execution = new Execution(data, {
            name,
            functions: this.#functions,
            context,
            lookup: (other) => this.#known.get(other)?.nodes,
            ...(variables === undefined ? {} : { variables }),
            ...(render === undefined ? {} : { render }),
          });
          return { ok: true, value: execution.run(parsed.nodes) };
        } catch (error) {
          if (!(error instanceof TemplateError)) throw error;
          return { ok: false, reason: this.#explain(error, name, parsed) };
        }
      },
    };
  }

  /** Where an execution ended, as Go says it. */
  #explain({ message, place }: TemplateError, name: string, own: Parsed): string {
    if (place === undefined) return `template: ${name}: ${message}`;
    const {
      source,
      name: file,
      offset,
    } = place.template === name ? own : (this.#known.get(place.template) ?? own);
    const before = source.slice(0, place.at);
    const lastBreak = before.lastIndexOf('\n');
    const column = new TextEncoder().encode(before.slice(lastBreak + 1)).length;
    const at = `${file}:${lineOf(source, place.at)}:${lastBreak < 0 ? column + offset : column}`;
    return `template: ${at}: executing ${JSON.stringify(place.template)} at <${place.text}>: ${message}`;
  }
}

function lineOf(source: string, at: number): number {
  let line = 1;
  for (let i = source.indexOf('\n'); i !== -1 && i < at; i = source.indexOf('\n', i + 1)) line++;
  return line;
}
