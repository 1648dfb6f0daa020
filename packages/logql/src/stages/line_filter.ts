import { StageError } from '../errors.ts';
import type { LineFilter } from '../parse/ast.ts';
import { compileIp } from '../text/ip.ts';
import { compileShape } from '../text/line-pattern.ts';
import { compileSearch } from '../text/search.ts';
import type { StageCompiler } from './types.ts';

/** `|= "a" or ip("10.0.0.0/8")` and its like: keeps lines that any term matches, or with `!`, that none does. */
export const line_filter: StageCompiler<'line_filter'> = (stage) => {
  const test = compileLineTest(stage);
  return (entry) => test(entry.line);
};

/** The filter as a test of a line alone, for whoever filters lines without entries. */
export function compileLineTest({ op, terms }: Pick<LineFilter, 'op' | 'terms'>): (line: string) => boolean {
  const tests = terms.map((term) => {
    if (term.kind === 'text') return compileText(op, term.value);
    if (op !== '|=' && op !== '!=')
      throw new StageError(`ip: invalid operation (${op}), expected |= or != before ip()`);
    return compileIp(term.value);
  });
  const [only] = tests;
  const any =
    tests.length === 1 && only !== undefined ? only : (line: string) => tests.some((test) => test(line));
  return op.startsWith('!') ? (line) => !any(line) : any;
}

function compileText(op: LineFilter['op'], value: string): (line: string) => boolean {
  if (op === '|=' || op === '!=') return (line) => line.includes(value);
  return op === '|~' || op === '!~' ? compileSearch(value) : compileShape(value);
}
