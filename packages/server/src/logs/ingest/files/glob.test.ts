import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expandGlob, globBase, matchesGlob, nameMatcher } from './glob.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'glob-'));
  for (const name of [
    'a.log',
    'b.log',
    '.hidden.log',
    'c.txt',
    'x/a.log',
    'x/y/b.log',
    'x/y/z/c.log',
    'x[1].log',
  ]) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), '');
  }
  await symlink(root, join(root, 'x', 'circle'));
});
afterAll(() => rm(root, { recursive: true }));

describe('expandGlob', () => {
  it.each([
    ['*.log', ['a.log', 'b.log', 'x[1].log']],
    ['[ac].*', ['a.log', 'c.txt']],
    ['[!a].log', ['b.log']],
    ['?.{log,txt}', ['a.log', 'b.log', 'c.txt']],
    ['**/*.log', ['a.log', 'b.log', 'x/a.log', 'x/y/b.log', 'x/y/z/c.log', 'x[1].log']],
    ['x/**/c.log', ['x/y/z/c.log']],
    ['*/a.log', ['x/a.log']],
    ['.*.log', ['.hidden.log']],
    ['x[[]1].log', ['x[1].log']],
    ['nothing/*.log', []],
    ['a.log', ['a.log']],
  ])('%s', async (pattern, names) => {
    expect(await expandGlob(join(root, pattern))).toEqual(names.map((name) => join(root, name)).sort());
    for (const name of names) expect(matchesGlob(join(root, name), join(root, pattern))).toBe(true);
  });
});

it('knows where everything a pattern names lies', () => {
  expect(globBase('/var/log/*.log')).toBe('/var/log/');
  expect(globBase('/var/l*g/a.log')).toBe('/var/');
  expect(globBase('/var/{a,b}/x')).toBe('/var/');
  expect(globBase('/var/log/a.log')).toBe('/var/log/a.log');
});

it('takes no longer for patterns that want to be slow', () => {
  expect(nameMatcher(`${'*a'.repeat(200)}b`)('a'.repeat(2000))).toBe(false);
});

it('agrees with the definition of wildcards', () => {
  const naive = (name: string, pattern: string): boolean => {
    if (pattern === '') return name === '';
    if (pattern.startsWith('*'))
      return Array.from({ length: name.length + 1 }, (_, i) => i).some((i) =>
        naive(name.slice(i), pattern.slice(1)),
      );
    return (
      name !== '' &&
      (pattern.startsWith('?') || pattern[0] === name[0]) &&
      naive(name.slice(1), pattern.slice(1))
    );
  };
  const text = (alphabet: string[]) =>
    fc.array(fc.constantFrom(...alphabet), { maxLength: 7 }).map((all) => all.join(''));
  fc.assert(
    fc.property(text(['a', 'b']), text(['a', 'b', '*', '?']), (name, pattern) => {
      expect(nameMatcher(pattern)(name)).toBe(naive(name, pattern));
    }),
  );
});
