import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Directories one pattern may go through in a round: `**` over a whole disk is a mistake. */
const MOST_DIRECTORIES = 20_000;

/**
 * Files that a pattern of shell wildcards names: `*` and `?` within a name, `[a-z]`, `{a,b}`, and `**` for any number of directories.
 * Names that begin with a dot must be asked for. Directories that cannot be read are passed over; symbolic links to directories are
 * followed but by `**`, so that no circle is run.
 */
export async function expandGlob(pattern: string): Promise<string[]> {
  const found = new Set<string>();
  for (const each of braces(pattern)) {
    const walk = { left: MOST_DIRECTORIES, found };
    await descend(
      '/',
      each.split('/').filter((part) => part !== ''),
      walk,
    );
  }
  return [...found].sort();
}

/** The part of a pattern before its first wildcard, up to a `/`: where everything it can name lies below. */
export function globBase(pattern: string): string {
  const wild = pattern.search(/[*?[{]/);
  return wild < 0 ? pattern : pattern.slice(0, pattern.lastIndexOf('/', wild) + 1);
}

/** Whether a whole path is named by a pattern. */
export function matchesGlob(path: string, pattern: string): boolean {
  return braces(pattern).some((each) => matchParts(path.split('/'), each.split('/')));
}

function matchParts(path: readonly string[], pattern: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return path.length === 0;
  if (head === '**') return path.some((_, i) => matchParts(path.slice(i), rest)) || matchParts([], rest);
  const [name, ...below] = path;
  return name !== undefined && nameMatcher(head)(name) && matchParts(below, rest);
}

interface Walk {
  left: number;
  readonly found: Set<string>;
}

async function descend(directory: string, parts: readonly string[], walk: Walk): Promise<void> {
  const [head, ...rest] = parts;
  if (head === undefined) return;
  if (!/[*?[]/.test(head)) {
    const path = join(directory, head);
    if (rest.length > 0) await descend(path, rest, walk);
    else if ((await stat(path).catch(() => null)) !== null) walk.found.add(path);
    return;
  }
  if (walk.left-- <= 0) return;
  const entries = await readdir(directory, { withFileTypes: true }).catch((): Dirent[] => []);
  if (head === '**') {
    if (rest.length > 0) await descend(directory, rest, walk);
    for (const entry of entries)
      if (entry.isDirectory() && !entry.name.startsWith('.'))
        await descend(join(directory, entry.name), parts, walk);
    return;
  }
  const matches = nameMatcher(head);
  for (const entry of entries) {
    if (!matches(entry.name)) continue;
    const path = join(directory, entry.name);
    if (rest.length > 0) {
      if (!entry.isFile()) await descend(path, rest, walk);
    } else if (!entry.isDirectory()) walk.found.add(path);
  }
}

/** The patterns that `{a,b}` stands for; nested ones too, up to a thousand. */
function braces(pattern: string): string[] {
  const done: string[] = [];
  const open = [pattern];
  for (let next = open.pop(); next !== undefined && done.length < 1000; next = open.pop()) {
    const match = /\{([^{}]*)\}/.exec(next);
    if (match === null) done.push(next);
    else
      for (const choice of (match[1] ?? '').split(',').reverse())
        open.push(next.slice(0, match.index) + choice + next.slice(match.index + match[0].length));
  }
  return done;
}

/** One name against a pattern without `/`, in time proportional to both lengths multiplied. */
export function nameMatcher(pattern: string): (name: string) => boolean {
  const tokens = tokensOf(pattern);
  const wantsDot = pattern.startsWith('.');
  return (name) => (wantsDot || !name.startsWith('.')) && matchName(name, tokens);
}

type Token =
  | 'any'
  | 'one'
  | { readonly negated: boolean; readonly ranges: readonly (readonly [string, string])[] };

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    if (char === '*') tokens.push('any');
    else if (char === '?') tokens.push('one');
    else if (char === '[') {
      const set = /^\[([!^]?)(\]?[^\]]*)\]/.exec(pattern.slice(at));
      if (set === null) tokens.push({ negated: false, ranges: [['[', '[']] });
      else {
        const ranges: [string, string][] = [];
        for (const [, low = '', high] of (set[2] ?? '').matchAll(/([^])(?:-([^]))?/g))
          ranges.push([low, high ?? low]);
        tokens.push({ negated: set[1] !== '', ranges });
        at += set[0].length - 1;
      }
    } else tokens.push({ negated: false, ranges: [[char, char]] });
  }
  return tokens;
}

/** Backtracks to the last `*` alone, which is enough for wildcards. */
function matchName(name: string, tokens: readonly Token[]): boolean {
  let at = 0;
  let token = 0;
  let star = -1;
  let starAt = 0;
  while (at < name.length) {
    const current = tokens[token];
    if (current === 'any') {
      star = token++;
      starAt = at;
    } else if (current !== undefined && fits(name.charAt(at), current)) {
      at++;
      token++;
    } else if (star >= 0) {
      token = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (tokens[token] === 'any') token++;
  return token === tokens.length;
}

function fits(char: string, token: Token): boolean {
  if (typeof token === 'string') return token === 'one';
  return token.ranges.some(([low, high]) => char >= low && char <= high) !== token.negated;
}
