import type { Command, Node, Operand, Pipe, Place } from './ast.ts';
import type { CallContext, TemplateFunction } from './call.ts';
import { Arguments } from './call.ts';
import { GoDuration } from './duration.ts';
import { TemplateError } from './template-error.ts';
import { durationMethod, timeMethod } from './time-methods.ts';
import type { Value } from './values.ts';
import { bare, GoObject, isList, isMap, isTime, isTrue, StringMap, show, typeName } from './values.ts';

/** How a list of nodes ended. */
type Ending = 'done' | 'break' | 'continue';

interface Variable {
  readonly name: string;
  value: Value;
}

export interface ExecutionOptions<C> {
  /** What the template is called in errors. */
  readonly name: string;
  readonly functions: ReadonlyMap<string, TemplateFunction<C>>;
  readonly context: C & CallContext;
  /** Variables that the parser was told of, by name with `$`. */
  readonly variables?: ReadonlyMap<string, Value>;
  /** What `{{template}}` finds; nothing when absent. */
  readonly lookup?: (name: string) => readonly Node[] | undefined;
  /** Makes text of what an action shows, such as HTML that cannot break out; Go's `%v` when absent. */
  readonly render?: Render;
}

/** `before` is the end of what was written until then: enough to see what the value stands in. */
export type Render = (value: Value, before: string) => string;

/** Characters of `before`: more than an attribute's name and what usually stands before a value in it. */
const SEEN_BEFORE = 300;

/** One run of a template over one value. */
export class Execution<C> {
  readonly #options: ExecutionOptions<C>;
  #template: string;
  #variables: Variable[];
  #out = '';
  /** The end of the text, for `render`; empty without one. */
  #tail = '';

  constructor(root: Value, options: ExecutionOptions<C>) {
    this.#options = options;
    this.#template = options.name;
    this.#variables = [{ name: '$', value: root }];
    for (const [name, value] of options.variables ?? []) this.#variables.push({ name, value });
  }

  /** The text. Throws a TemplateError with its place. */
  run(nodes: readonly Node[]): string {
    this.#list(nodes, this.#variables[0]?.value);
    return this.#out;
  }

  get #budget(): CallContext['budget'] {
    return this.#options.context.budget;
  }

  #write(text: string): void {
    this.#budget.chars(text.length);
    this.#out += text;
    if (this.#options.render !== undefined) this.#tail = (this.#tail + text).slice(-SEEN_BEFORE);
  }

  #shown(value: Value): string {
    const { render } = this.#options;
    return render === undefined ? show(value) : render(value, this.#tail);
  }

  #list(nodes: readonly Node[], dot: Value): Ending {
    for (const node of nodes) {
      const ending = this.#node(node, dot);
      if (ending !== 'done') return ending;
    }
    return 'done';
  }

  #node(node: Node, dot: Value): Ending {
    this.#budget.step();
    switch (node.kind) {
      case 'text':
        this.#write(node.text);
        return 'done';
      case 'action': {
        const value = this.#pipe(node.pipe, dot);
        if (node.pipe.names.length === 0) this.#write(this.#shown(value));
        return 'done';
      }
      case 'if':
      case 'with':
        return this.#scoped(() => {
          const value = this.#pipe(node.pipe, dot);
          if (!isTrue(value)) return this.#list(node.otherwise, dot);
          return this.#list(node.body, node.kind === 'with' ? value : dot);
        });
      case 'range':
        return this.#scoped(() => this.#range(node, dot));
      case 'template':
        this.#include(node, dot);
        return 'done';
      case 'break':
      case 'continue':
        return node.kind;
    }
  }

  #scoped(run: () => Ending): Ending {
    const before = this.#variables.length;
    const ending = run();
    this.#variables.length = before;
    return ending;
  }

  #range(node: Extract<Node, { readonly kind: 'if' | 'with' | 'range' }>, dot: Value): Ending {
    const { names, assigns } = node.pipe;
    const over = this.#pipe({ ...node.pipe, names: [] }, dot);
    let any = false;
    for (const [key, value] of itemsOf(bare(over))) {
      any = true;
      this.#budget.step();
      const ending = this.#scoped(() => {
        const [first, second] = names;
        if (second !== undefined) {
          this.#bind(first ?? '', key, assigns);
          this.#bind(second, value, assigns);
        } else if (first !== undefined) this.#bind(first, value, assigns);
        return this.#list(node.body, value);
      });
      if (ending === 'break') break;
    }
    return any ? 'done' : this.#list(node.otherwise, dot);
  }

  /** Another template: it sees the value it is given and none of our variables. */
  #include(node: Extract<Node, { readonly kind: 'template' }>, dot: Value): void {
    const data = node.pipe === undefined ? undefined : this.#pipe(node.pipe, dot);
    const nodes = this.#options.lookup?.(node.name);
    if (nodes === undefined) {
      const error = new TemplateError(`template ${JSON.stringify(node.name)} not defined`);
      this.#place(error, node);
      throw error;
    }
    const [variables, template] = [this.#variables, this.#template];
    this.#variables = [{ name: '$', value: data }];
    this.#template = node.name;
    this.#budget.nested(() => this.#list(nodes, data));
    this.#variables = variables;
    this.#template = template;
  }

  #bind(name: string, value: Value, assigns: boolean): void {
    if (!assigns) {
      this.#variables.push({ name, value });
      return;
    }
    const variable = this.#variables.findLast((one) => one.name === name);
    if (variable !== undefined) variable.value = value;
  }

  #pipe(pipe: Pipe, dot: Value): Value {
    let value: Value;
    for (const [index, command] of pipe.commands.entries())
      value = this.#command(command, dot, index === 0 ? [] : [value]);
    const [name] = pipe.names;
    if (name !== undefined) this.#bind(name, value, pipe.assigns);
    return value;
  }

  /** A value, or a call; `piped` is the result of the command before, which comes as the last argument. */
  #command(command: Command, dot: Value, piped: readonly Value[]): Value {
    this.#budget.step();
    const [first, ...rest] = command;
    if (first === undefined) return undefined;
    try {
      if (first.kind === 'function') return this.#call(first.name, rest, dot, piped);
      const method = this.#method(first, rest, dot, piped);
      if (method !== undefined) return method.value;
      if (rest.length > 0 || piped.length > 0)
        throw new TemplateError(`can't give argument to non-function ${describe(first)}`);
      return this.#operand(first, dot);
    } catch (error) {
      this.#place(error, { at: first.at, text: command.map(({ text }) => text).join(' ') });
      throw error;
    }
  }

  /** The innermost place stays. */
  #place(error: unknown, { at, text }: Place): void {
    if (error instanceof TemplateError) error.place ??= { at, text, template: this.#template };
  }

  /** `(now).Format "2006"`: a method with arguments; undefined where the last name is none. */
  #method(
    operand: Operand,
    rest: readonly Operand[],
    dot: Value,
    piped: readonly Value[],
  ): { readonly value: Value } | undefined {
    if (operand.kind === 'literal' || operand.kind === 'function') return undefined;
    const name = operand.path.at(-1);
    if (name === undefined || rest.length + piped.length === 0) return undefined;
    const receiver = this.#operand({ ...operand, path: operand.path.slice(0, -1) }, dot);
    const args = (): readonly Value[] => [...rest.map((one) => this.#operand(one, dot)), ...piped];
    if (receiver instanceof GoObject) {
      const method = receiver.methods.get(name);
      return method === undefined ? undefined : { value: called(name, () => method(args())) };
    }
    if (isTime(receiver)) return { value: timeMethod(receiver, name, args()) };
    if (receiver instanceof GoDuration) return { value: durationMethod(receiver, name, args()) };
    return undefined;
  }

  #call(name: string, operands: readonly Operand[], dot: Value, piped: readonly Value[]): Value {
    if (name === 'and' || name === 'or') return this.#logical(name, operands, dot, piped);
    const implementation = this.#options.functions.get(name);
    if (implementation === undefined) throw new TemplateError(`function ${JSON.stringify(name)} not defined`);
    const values = [...operands.map((operand) => this.#operand(operand, dot)), ...piped];
    for (const value of values) if (typeof value === 'string') this.#budget.reads(value.length);
    const { fewest, most, call } = implementation;
    if (values.length < fewest || values.length > most) {
      const wanted = fewest === most ? `${fewest}` : `at least ${fewest}`;
      throw new TemplateError(`wrong number of args for ${name}: want ${wanted} got ${values.length}`);
    }
    return called(name, () => call(new Arguments(values), this.#options.context));
  }

  /** The first argument that decides; those behind it are not evaluated. */
  #logical(name: 'and' | 'or', operands: readonly Operand[], dot: Value, piped: readonly Value[]): Value {
    if (operands.length + piped.length === 0)
      throw new TemplateError(`wrong number of args for ${name}: want at least 1 got 0`);
    let value: Value;
    for (const operand of operands) {
      value = this.#operand(operand, dot);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return piped.length > 0 ? piped[0] : value;
  }

  #operand(operand: Operand, dot: Value): Value {
    switch (operand.kind) {
      case 'literal':
        return operand.value;
      case 'field':
        return this.#walk(dot, operand.path, operand);
      case 'variable':
        return this.#walk(
          this.#variables.findLast((one) => one.name === operand.name)?.value,
          operand.path,
          operand,
        );
      case 'group':
        return this.#walk(this.#pipe(operand.pipe, dot), operand.path, operand);
      case 'function':
        return this.#call(operand.name, [], dot, []);
    }
  }

  #walk(from: Value, path: readonly string[], place: Place): Value {
    let value = from;
    try {
      for (const name of path) value = fieldOf(value, name);
    } catch (error) {
      this.#place(error, place);
      throw error;
    }
    return value;
  }
}

function fieldOf(value: Value, name: string): Value {
  if (value instanceof GoObject) {
    const method = value.methods.get(name);
    if (method !== undefined) return called(name, () => method([]));
    if (value.fields?.has(name) === true) return value.fields.get(name);
    if (value.fields === undefined && isKeyed(value.plain)) return value.plain.get(name);
    throw new TemplateError(`can't evaluate field ${name} in type ${value.type}`);
  }
  if (isKeyed(value)) return value.get(name);
  if (isTime(value)) return timeMethod(value, name, []);
  if (value instanceof GoDuration) return durationMethod(value, name, []);
  if (value === undefined || value === null)
    throw new TemplateError(`nil data; no entry for key ${JSON.stringify(name)}`);
  throw new TemplateError(`can't evaluate field ${name} in type ${typeName(value)}`);
}

function isKeyed(value: Value): value is StringMap | ReadonlyMap<string, Value> {
  return value instanceof StringMap || isMap(value);
}

function called(name: string, call: () => Value): Value {
  try {
    return call();
  } catch (error) {
    if (error instanceof TemplateError && error.place === undefined)
      throw new TemplateError(`error calling ${name}: ${error.message}`);
    throw error;
  }
}

function describe(operand: Operand): string {
  if (operand.kind === 'literal') return show(operand.value);
  if (operand.kind === 'function') return operand.name;
  const head = operand.kind === 'variable' ? operand.name : '';
  return `${head}.${operand.path.join('.')}`;
}

/** What `range` goes over: elements by index, fields by name in order, or the numbers below one. */
function* itemsOf(over: Value): Generator<readonly [key: Value, value: Value]> {
  if (over === null || over === undefined) return;
  if (typeof over === 'bigint') {
    for (let i = 0n; i < over; i++) yield [i, i];
  } else if (isList(over)) {
    for (const [index, value] of over.entries()) yield [BigInt(index), value];
  } else if (isKeyed(over)) {
    const map: ReadonlyMap<string, Value> = over instanceof StringMap ? over.map() : over;
    for (const key of [...map.keys()].sort()) yield [key, map.get(key)];
  } else throw new TemplateError(`range can't iterate over ${show(over)}`);
}
