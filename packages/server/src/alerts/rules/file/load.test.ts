import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkRuleFile, loadRules } from './load.ts';

let root = '';
const at = (name: string): string => join(root, name);
const load = (...patterns: string[]) => loadRules(patterns.map(at), {}, () => Promise.resolve());

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pharos-rule-files-'));
  await writeFile(at('a.yml'), 'groups: [{name: a, rules: [{record: x, expr: up}, {alert: A, expr: up}]}]');
  await writeFile(at('b.yml'), 'groups: [{name: a}]');
  await writeFile(
    at('bad.yaml'),
    'groups: [{name: a, rules: [{record: x, expr: up ==}, {alert: B, expr: )}]}]',
  );
  await writeFile(at('worse.yaml'), 'groups: nothing');
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('loadRules', () => {
  it('reads every file once, in order', async () => {
    const loaded = await load('*.yml', 'a.yml', 'none.yml');
    expect(loaded.ok && loaded.groups.map(({ file, name }) => [file, name])).toEqual([
      [at('a.yml'), 'a'],
      [at('b.yml'), 'a'],
    ]);
    expect(loaded.ok && loaded.unmatched).toEqual([at('none.yml')]);
  });

  it('says everything that is wrong with all of them', async () => {
    const loaded = await load('a.yml', '*.yaml');
    expect(loaded.ok ? [] : loaded.problems.map((line) => line.replace(root, ''))).toEqual([
      expect.stringMatching(/^\/bad\.yaml: 1:\d+: group "a", rule 1, "x": could not parse expression: /),
      expect.stringMatching(/^\/bad\.yaml: 1:\d+: group "a", rule 2, "B": could not parse expression: /),
      '/worse.yaml: 1:9: expected a list',
    ]);
  });
});

describe('checkRuleFile', () => {
  it('counts rules, or says what is wrong', async () => {
    expect(await checkRuleFile(at('a.yml'))).toEqual({ ok: true, rules: 2 });
    expect(await checkRuleFile(at('worse.yaml'))).toMatchObject({ ok: false });
    expect(await checkRuleFile(at('none.yml'))).toEqual({
      ok: false,
      problems: [expect.stringContaining('none.yml: ENOENT')],
    });
  });
});
