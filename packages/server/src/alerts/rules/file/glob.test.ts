import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesMatching, matchesName } from './glob.ts';

describe('matchesName', () => {
  it.each([
    ['*.yml', 'a.yml', true],
    ['*.yml', '.yml', true],
    ['*.yml', 'a.yaml', false],
    ['a*b*c', 'a1b2c', true],
    ['a?.yml', 'ab.yml', true],
    ['a?.yml', 'a.yml', false],
    ['[a-c]x', 'bx', true],
    ['[^a-c]x', 'bx', false],
    ['[]x', ']x', false],
    ['a[.]yml', 'a.yml', true],
    ['a.yml', 'axyml', false],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['[a', 'a', false],
    ['größe-?.yml', 'größe-ü.yml', true],
    ['(a|b)+', '(a|b)+', true],
  ])('%s and %s: %s', (pattern, name, matches) => {
    expect(matchesName(pattern, name)).toBe(matches);
  });
});

describe('filesMatching', () => {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'pharos-glob-'));
    for (const name of ['b.yml', 'a.yml', 'c.txt', 'one/x.yml', 'two/x.yml']) {
      await mkdir(join(root, name, '..'), { recursive: true });
      await writeFile(join(root, name), '');
    }
    await mkdir(join(root, 'folder.yml'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it.each([
    ['*.yml', ['a.yml', 'b.yml']],
    ['a.yml', ['a.yml']],
    ['missing.yml', []],
    ['missing/*.yml', []],
    ['???/*.yml', ['one/x.yml', 'two/x.yml']],
    ['*', ['a.yml', 'b.yml', 'c.txt']],
  ])('%s', async (pattern, names) => {
    expect(await filesMatching(join(root, pattern))).toEqual(names.map((name) => join(root, name)));
  });
});
