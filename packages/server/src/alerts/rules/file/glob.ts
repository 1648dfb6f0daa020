import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';
import { RE2JS } from 're2js';

const MAGIC = /[*?[\\]/;

/** The files that a pattern names now, sorted, as Go's `filepath.Glob` finds them: `*`, `?` and `[a-z]` within one name. */
export async function filesMatching(pattern: string): Promise<readonly string[]> {
  let found = [isAbsolute(pattern) ? sep : ''];
  for (const part of pattern.split('/').filter((name) => name !== '')) {
    const next = await Promise.all(found.map((folder) => namesIn(folder, part)));
    found = next.flat();
  }
  const isFile = await Promise.all(found.map(isRegularFile));
  return found.filter((_, i) => isFile[i] === true).sort();
}

async function namesIn(folder: string, part: string): Promise<readonly string[]> {
  const at = (name: string): string => (folder === '' ? name : join(folder, name));
  if (!MAGIC.test(part)) return [at(part)];
  try {
    const names = await readdir(folder === '' ? '.' : folder);
    return names.filter((name) => matchesName(part, name)).map(at);
  } catch {
    return [];
  }
}

async function isRegularFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** Go's `filepath.Match` within one name; a pattern that is none matches nothing. */
export function matchesName(pattern: string, name: string): boolean {
  return translated(pattern)?.matches(name) ?? false;
}

function translated(pattern: string): RE2JS | undefined {
  let out = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? '';
    if (char === '*') out += '[^/]*';
    else if (char === '?') out += '[^/]';
    else if (char === '[') {
      const end = classEnd(pattern, i);
      if (end === undefined) return undefined;
      out += classOf(pattern.slice(i + 1, end));
      i = end;
    } else if (char === '\\') {
      const next = pattern[++i];
      if (next === undefined) return undefined;
      out += RE2JS.quote(next);
    } else out += RE2JS.quote(char);
  }
  try {
    return RE2JS.compile(out, RE2JS.DOTALL);
  } catch {
    return undefined;
  }
}

/** Where the `]` of a class is; the first character is never it. */
function classEnd(pattern: string, open: number): number | undefined {
  let i = open + 1;
  if (pattern[i] === '^') i++;
  for (let first = true; i < pattern.length; i++, first = false) {
    if (pattern[i] === '\\') i++;
    else if (pattern[i] === ']' && !first) return i;
  }
  return undefined;
}

function classOf(body: string): string {
  const isNegated = body.startsWith('^');
  const members = (isNegated ? body.slice(1) : body)
    .replace(/\\(.)/gsu, '$1')
    .replace(/[\\\]^[&|]/g, (char) => `\\${char}`);
  return `[${isNegated ? '^' : ''}${members}]`;
}
