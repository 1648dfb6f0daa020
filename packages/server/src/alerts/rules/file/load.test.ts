import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkRuleFile, loadRules } from './load.ts';

let root = '';
const at = (name: string): string => join(root, name);
const load = (...patterns: string[]) =>
  loadRules({ promql: patterns.map(at), logql: [] }, {}, () => Promise.resolve());

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pharos-rule-files-'));
  await writeFile(at('a.yml'), 'groups: [{name: a, rules: [{record: x, expr: up}, {alert: A, expr: up}]}]');
  await writeFile(at('b.yml'), 'groups: [{name: a}]');
  await writeFile(
    at('bad.yaml'),
    'groups: [{name: a, rules: [{record: x, expr: up ==}, {alert: B, expr: )}]}]',
  );
  await writeFile(at('worse.yaml'), 'groups: nothing');
  await writeFile(
    at('lines.loki'),
    'groups: [{name: l, rules: [{alert: L, expr: \'rate({app="a"} |= "x" [5m]) > 1\'}]}, {name: p, language: promql, rules: [{record: x, expr: up}]}]',
  );
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

describe('files of rules over log lines', () => {
  const both = (promql: string, logql: string) =>
    loadRules({ promql: [at(promql)], logql: [at(logql)] }, {}, () => Promise.resolve());

  it("are LogQL, as Loki's are, but for groups that say otherwise", async () => {
    const loaded = await both('a.yml', 'lines.loki');
    expect(loaded.ok && loaded.groups.map(({ name, language }) => [name, language])).toEqual([
      ['a', 'promql'],
      ['l', 'logql'],
      ['p', 'promql'],
    ]);
  });

  it('stand in one of the two lists', async () => {
    const loaded = await both('*.loki', 'lines.loki');
    expect(loaded.ok ? [] : loaded.problems.map((line) => line.replace(root, ''))).toEqual(
      expect.arrayContaining([
        '/lines.loki: rule_files and log_rule_files both name it: its language is not clear',
      ]),
    );
  });

  it('are checked as what they are', async () => {
    expect(await checkRuleFile(at('lines.loki'), 'logql')).toEqual({ ok: true, rules: 2 });
    expect(await checkRuleFile(at('lines.loki'))).toMatchObject({ ok: false });
    expect(await checkRuleFile(at('a.yml'), 'logql')).toMatchObject({ ok: false });
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
