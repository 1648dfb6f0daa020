import { plainPattern } from '@pharos/promql/vectors';
import { RE2JS } from 're2js';
import { StageError } from '../errors.ts';

/** Characters that mean something in a pattern; without them it is a text. */
const SPECIAL = /[\\.+*?()|[\]{}^$]/;
const FOLDED = /^\(\?i\)([a-zA-Z0-9 _:;,=<>@#%&!~"'/-]+)$/;
/** Two characters that lower-casing treats otherwise than RE2's folding does. */
const FOLDS_OTHERWISE = /[\u017f\u0130]/;

/** RE2's compiler with its reason as a stage's error. */
export function compileRe2(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StageError(why.includes('error parsing regexp') ? why : `error parsing regexp: ${why}`);
  }
}

/**
 * A test whether an RE2 pattern matches anywhere in a line. Texts, alternatives of texts and `.*` between them need no
 * engine; for everything else a text that every match holds is looked for first.
 */
export function compileSearch(pattern: string): (line: string) => boolean {
  const compiled = compileRe2(pattern);
  if (!SPECIAL.test(pattern)) return (line) => line.includes(pattern);
  const folded = FOLDED.exec(pattern)?.[1];
  if (folded !== undefined) {
    const lower = folded.toLowerCase();
    return (line) => (FOLDS_OTHERWISE.test(line) ? compiled.test(line) : line.toLowerCase().includes(lower));
  }
  // Where a line has no newline, `.` matches everything either way.
  const plain = /[$^]/.test(pattern) ? undefined : plainPattern(`.*(?:${pattern}).*`)?.test;
  if (plain !== undefined) return (line) => (line.includes('\n') ? compiled.test(line) : plain(line));
  const needle = requiredText(pattern);
  if (needle === '') return (line) => compiled.test(line);
  return (line) => line.includes(needle) && compiled.test(line);
}

/**
 * The longest text that every match of a pattern holds, found without understanding more than runs of plain characters
 * at its top level; empty where it cannot tell.
 */
export function requiredText(pattern: string): string {
  if (pattern.includes('|') || pattern.includes('(?')) return '';
  let best = '';
  let run = '';
  const close = (): void => {
    if (run.length > best.length) best = run;
    run = '';
  };
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? '';
    if (/[?*{+]/.test(char)) {
      // It binds to the last character alone; surrogate halves belong together.
      run = run.slice(0, /[\udc00-\udfff]$/.test(run) ? -2 : -1);
      close();
      if (char === '{') i = after(pattern, i, '}');
    } else if (char === '(' || char === '[') {
      close();
      i = char === '(' ? afterGroup(pattern, i) : afterClass(pattern, i);
    } else if (char === '\\') {
      const escaped = pattern[i + 1] ?? '';
      if (/[A-Za-z0-9]/.test(escaped)) {
        // A class or a code: its extent is not known for sure, so nothing behind it counts.
        close();
        return best;
      }
      run += escaped;
      i++;
    } else if (/[.^$)\]}]/.test(char)) close();
    else run += char;
  }
  close();
  return best;
}

function after(pattern: string, from: number, char: string): number {
  const at = pattern.indexOf(char, from);
  return at === -1 ? pattern.length : at;
}

function afterClass(pattern: string, from: number): number {
  let at = from + 1;
  if (pattern[at] === '^') at++;
  if (pattern[at] === ']') at++;
  for (; at < pattern.length && pattern[at] !== ']'; at++) {
    if (pattern[at] === '\\') at++;
    if (pattern.startsWith('[:', at)) at = after(pattern, at + 2, ']');
  }
  return at;
}

function afterGroup(pattern: string, from: number): number {
  let depth = 0;
  for (let at = from; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === '\\') at++;
    else if (char === '[') at = afterClass(pattern, at);
    else if (char === '(') depth++;
    else if (char === ')' && --depth === 0) return at;
  }
  return pattern.length;
}
