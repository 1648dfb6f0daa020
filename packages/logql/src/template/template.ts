import type { Node, Read } from '@pharos/gotemplate';
import { Execution, parseTemplate, StringMap, TemplateBudget } from '@pharos/gotemplate';
import { StageError } from '../errors.ts';
import type { Entry } from '../pipeline/entry.ts';
import { FUNCTIONS } from './functions.ts';
import { EntryLabels } from './log-context.ts';

/** A compiled Go template over the labels of an entry. */
export interface Template {
  /** The text, or why there is none. `data` stands for the entry's labels where they were taken earlier. */
  execute(
    entry: Entry,
    context: { readonly now: () => number },
    data?: ReadonlyMap<string, string>,
  ): Read<string>;
  /** The labels of an entry as they are now. */
  dataOf(entry: Entry): ReadonlyMap<string, string>;
}

/** Longer templates are refused: they are written by people. */
const MAX_LENGTH = 65_536;

/** Compiles a Go text/template; throws a StageError that begins with `refusal`. */
export function compileTemplate(name: string, source: string, refusal: string): Template {
  const fail = (at: number, message: string): StageError =>
    new StageError(`${refusal}: template: ${name}:${lineOf(source, at)}: ${message}`);
  if (source.length > MAX_LENGTH) throw fail(0, `longer than ${MAX_LENGTH} characters`);
  const { nodes } = parseTemplate(source, {
    isFunction: (word) => FUNCTIONS.has(word),
    fail,
    withoutDefinitions: 'in a log query',
  });
  const field = onlyFields(nodes);
  const dataOf = (entry: Entry): ReadonlyMap<string, string> => entry.labels().toMap();
  if (field !== undefined)
    return {
      dataOf,
      execute: (entry, _context, data) => ({ ok: true, value: field(labelsOf(entry, data)) }),
    };
  return {
    dataOf,
    execute(entry, { now }, data) {
      try {
        const execution = new Execution(labelsOf(entry, data), {
          name,
          functions: FUNCTIONS,
          context: { entry, now, budget: new TemplateBudget() },
        });
        return { ok: true, value: execution.run(nodes) };
      } catch (error) {
        // Whatever a function throws: Go's templates recover what their functions panic with, and one line must not end a query.
        const reason = error instanceof Error ? error.message : String(error);
        return { ok: false, reason: `template: ${name}: ${reason}` };
      }
    },
  };
}

function labelsOf(entry: Entry, taken: ReadonlyMap<string, string> | undefined): StringMap {
  return taken === undefined ? new EntryLabels(entry) : new StringMap(taken);
}

function lineOf(source: string, at: number): number {
  return source.slice(0, at).split('\n').length;
}

/** Most templates are texts with fields between: those need no execution. */
function onlyFields(nodes: readonly Node[]): ((data: StringMap) => string) | undefined {
  const parts: { readonly text: string; readonly field: string | undefined }[] = [];
  for (const node of nodes) {
    if (node.kind === 'text') {
      parts.push({ text: node.text, field: undefined });
      continue;
    }
    if (node.kind !== 'action') return undefined;
    const { names, commands } = node.pipe;
    const [operand] = commands[0] ?? [];
    if (names.length > 0 || commands.length !== 1 || commands[0]?.length !== 1) return undefined;
    if (operand?.kind !== 'field' || operand.path.length !== 1) return undefined;
    parts.push({ text: '', field: operand.path[0] ?? '' });
  }
  return (data) => {
    let out = '';
    for (const { text, field } of parts) out += field === undefined ? text : data.get(field);
    return out;
  };
}
