import type { Command, Node, Operand, Pipe } from './ast.ts';
import type { CallContext } from './call.ts';
import { Arguments } from './call.ts';
import { FUNCTIONS, timeMethod } from './functions.ts';
import { TemplateError } from './template-error.ts';
import type { Value } from './values.ts';
import { isList, isMap, isTime, isTrue, LabelData, show, typeName } from './values.ts';

/** How a list of nodes ended. */
type Ending = 'done' | 'break' | 'continue';

interface Variable {
  readonly name: string;
  value: Value;
}

/** One run of a template over one entry. */
export class Execution {
  readonly #context: CallContext;
  readonly #variables: Variable[];
  #out = '';

  constructor(root: LabelData, context: CallContext) {
    this.#context = context;
    this.#variables = [{ name: '$', value: root }];
  }

  run(nodes: readonly Node[]): string {
    this.#list(nodes, this.#variables[0]?.value);
    return this.#out;
  }

  #write(text: string): void {
    this.#context.budget.chars(text.length);
    this.#out += text;
  }

  #list(nodes: readonly Node[], dot: Value): Ending {
    for (const node of nodes) {
      const ending = this.#node(node, dot);
      if (ending !== 'done') return ending;
    }
    return 'done';
  }

  #node(node: Node, dot: Value): Ending {
    this.#context.budget.step();
    switch (node.kind) {
      case 'text':
        this.#write(node.text);
        return 'done';
      case 'action': {
        const value = this.#pipe(node.pipe, dot);
        if (node.pipe.names.length === 0) this.#write(show(value));
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
    for (const [key, value] of itemsOf(over)) {
      any = true;
      this.#context.budget.step();
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
    this.#context.budget.step();
    const [first, ...rest] = command;
    if (first === undefined) return undefined;
    if (first.kind === 'function') return this.#call(first.name, rest, dot, piped);
    const method = this.#method(first, rest, dot, piped);
    if (method !== undefined) return method.value;
    if (rest.length > 0 || piped.length > 0)
      throw new TemplateError(`can't give argument to non-function ${describe(first)}`);
    return this.#operand(first, dot);
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
    if (!isTime(receiver)) return undefined;
    return { value: timeMethod(receiver, name, [...rest.map((one) => this.#operand(one, dot)), ...piped]) };
  }

  #call(name: string, operands: readonly Operand[], dot: Value, piped: readonly Value[]): Value {
    if (name === 'and' || name === 'or') return this.#logical(name, operands, dot, piped);
    const implementation = FUNCTIONS.get(name);
    if (implementation === undefined) throw new TemplateError(`function ${JSON.stringify(name)} not defined`);
    const values = [...operands.map((operand) => this.#operand(operand, dot)), ...piped];
    for (const value of values) if (typeof value === 'string') this.#context.budget.reads(value.length);
    const { fewest, most, call } = implementation;
    if (values.length < fewest || values.length > most) {
      const wanted = fewest === most ? `${fewest}` : `at least ${fewest}`;
      throw new TemplateError(`wrong number of args for ${name}: want ${wanted} got ${values.length}`);
    }
    try {
      return call(new Arguments(values), this.#context);
    } catch (error) {
      if (error instanceof TemplateError) throw new TemplateError(`error calling ${name}: ${error.message}`);
      throw error;
    }
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
        return this.#walk(dot, operand.path);
      case 'variable':
        return this.#walk(this.#variables.findLast((one) => one.name === operand.name)?.value, operand.path);
      case 'group':
        return this.#walk(this.#pipe(operand.pipe, dot), operand.path);
      case 'function':
        return this.#call(operand.name, [], dot, []);
    }
  }

  #walk(from: Value, path: readonly string[]): Value {
    let value = from;
    for (const name of path) {
      if (value instanceof LabelData) value = value.get(name);
      else if (isMap(value)) value = value.get(name);
      else if (isTime(value)) value = timeMethod(value, name, []);
      else if (value === undefined || value === null)
        throw new TemplateError(`nil data; no entry for key ${JSON.stringify(name)}`);
      else throw new TemplateError(`can't evaluate field ${name} in type ${typeName(value)}`);
    }
    return value;
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
  } else if (over instanceof LabelData || isMap(over)) {
    const map: ReadonlyMap<string, Value> = over instanceof LabelData ? over.map() : over;
    for (const key of [...map.keys()].sort()) yield [key, map.get(key)];
  } else throw new TemplateError(`range can't iterate over ${show(over)}`);
}
