import { describe, expect, it } from 'vitest';
import { openTestApp } from '../../http/testing/test-app.ts';
import type { FileSystem } from '../../journal/index.ts';
import { createMemoryFileSystem, FAULTS, FaultPlan, withFaults } from '../../journal/testing/index.ts';
import { silentLog } from '../../kernel/log.ts';
import { type WrittenRule, writtenRule } from '../back-test/written-rule.ts';
import { parseRuleFile } from '../rules/file/parse.ts';
import { OwnRules } from './own-rules.ts';
import { ownRulesApi } from './routes.ts';

const PATH = '/data/rules/pharos.yml';
const RULE = writtenRule.parse({
  alert: 'Slow: {"x"} # no comment',
  expr: 'sum by (job) (rate(latency[5m]))\n  > 0.5',
  for: '5m',
  interval: '30s',
  limit: 10,
  labels: { severity: 'page', 'with.dot': '{{ $labels.job }}' },
  annotations: { summary: 'a\nb: "c" \u2028 {{ $value }}' },
});
const other = (alert: string): WrittenRule => writtenRule.parse({ alert, expr: 'up == 0' });

async function open(fs: FileSystem = createMemoryFileSystem(), changed: () => void = () => {}) {
  const own = new OwnRules({
    fs,
    log: silentLog,
    parser: {},
    path: PATH,
    changed: () => {
      changed();
      return Promise.resolve();
    },
  });
  await own.start();
  return { fs, own };
}
const names = (own: OwnRules): readonly string[] => own.list().map(({ written }) => written.alert);

describe('rules made over the API', () => {
  it('are in force, kept in a rule file that others read too, and come back as they were written', async () => {
    const fs = createMemoryFileSystem();
    const applied: number[] = [];
    const { own } = await open(fs, () => applied.push(own.groups().length));
    const made = await own.create(RULE, 'ana');
    await own.create(other('Down'), 'ana');
    expect(applied).toEqual([1, 2]);
    const text = fs.files.get(PATH)?.content.toString() ?? '';
    const parsed = parseRuleFile(PATH, text);
    expect(
      parsed.ok && parsed.groups.map(({ name, intervalMs, limit }) => [name, intervalMs, limit]),
    ).toEqual([
      ['Down', undefined, 0],
      [RULE.alert, 30_000, 10],
    ]);
    const again = (await open(fs.killProcess())).own;
    expect(again.list().map(({ written }) => written)).toEqual([other('Down'), RULE]);
    expect(again.get(made.id).version).toBe(made.version);
  });

  it('are over log lines where they say so, and the file says it too', async () => {
    const fs = createMemoryFileSystem();
    const { own } = await open(fs);
    const lines = writtenRule.parse({
      alert: 'Failing',
      language: 'logql',
      expr: 'sum(count_over_time({app="shop"} |= "error" [5m])) > 10',
    });
    await own.create(lines, '');
    await own.create(other('Down'), '');
    expect(own.groups().map(({ name, language }) => [name, language])).toEqual([
      ['Down', 'promql'],
      ['Failing', 'logql'],
    ]);
    expect(
      fs.files
        .get(PATH)
        ?.content.toString()
        .match(/language: \w+/g),
    ).toEqual(['language: logql']);
    const again = (await open(fs.killProcess())).own;
    expect(again.list().map(({ written }) => written)).toEqual([other('Down'), lines]);
    await expect(own.create({ ...lines, alert: 'A', language: 'promql' }, '')).rejects.toMatchObject({
      details: { problems: [{ field: 'expr' }] },
    });
    await expect(own.create({ ...lines, alert: 'A', expr: '{app="shop"}' }, '')).rejects.toThrow(
      /selects log lines/,
    );
  });

  it('change on the version they were read as, keep their names apart, and are removed', async () => {
    const { own } = await open();
    const made = await own.create(RULE, '');
    await expect(own.create(RULE, '')).rejects.toThrow(/already/);
    const changed = await own.change(made.id, { ...RULE, expr: 'up < 1' }, made.version, '');
    expect(changed.id).toBe(made.id);
    await expect(own.change(made.id, RULE, made.version, '')).rejects.toThrow(/in the meantime/);
    const renamed = await own.change(made.id, other('Down'), undefined, '');
    expect([renamed.id === made.id, names(own)]).toEqual([false, ['Down']]);
    await own.create(other('Else'), '');
    await expect(own.change(renamed.id, other('Else'), undefined, '')).rejects.toThrow(/already/);
    await expect(own.remove(made.id, undefined, '')).rejects.toThrow(/no rule/);
    await expect(own.remove(renamed.id, made.version, '')).rejects.toThrow(/in the meantime/);
    await own.remove(renamed.id, renamed.version, '');
    expect(names(own)).toEqual(['Else']);
  });

  it('are refused with the field that is wrong, and nothing changes', async () => {
    const { own, fs } = await open();
    await expect(own.create({ ...RULE, expr: 'up >' }, '')).rejects.toMatchObject({
      details: { problems: [{ field: 'expr' }] },
    });
    expect([names(own), await fs.list('/data/rules')]).toEqual([[], []]);
  });

  it('are refused where all of them are more than a file should have, and may still become less', async () => {
    const { own } = await open();
    const long = (alert: string): WrittenRule => ({
      ...other(alert),
      annotations: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`a${i}`, 'x'.repeat(10_000)])),
    });
    for (let i = 0; i < 6; i++) await own.create(long(`R${i}`), '');
    await expect(own.create(long('R6'), '')).rejects.toThrow(/at most 4194304 are kept/);
    const [first] = own.list();
    await own.remove(first?.id ?? '', undefined, '');
    await own.create(long('R6'), '');
    expect(own.list()).toHaveLength(6);
  });

  it('what was changed by hand is not written over, and taken at the next start; what is no such file ends it', async () => {
    const fs = createMemoryFileSystem();
    const { own } = await open(fs);
    await own.create(RULE, '');
    const file = fs.files.get(PATH);
    if (file === undefined) throw new Error('there is no file');
    file.content = Buffer.from(file.content.toString().replace('for: 5m', 'for: 6m'));
    await expect(own.create(other('Down'), '')).rejects.toThrow(/changed by hand/);
    expect((await open(fs)).own.list()[0]?.written.for).toBe('6m');
    for (const text of [
      'groups: {',
      'groups: [ { name: a, rules: [] } ]',
      'groups: [ { name: a, rules: [ { alert: a, expr: "(" } ] } ]',
    ]) {
      file.content = Buffer.from(text);
      await expect(open(fs)).rejects.toThrow(PATH);
    }
    file.content = Buffer.from('');
    expect((await open(fs)).own.list()).toEqual([]);
  });

  it.each(FAULTS)('what was acknowledged is there after %s at any step of the disk', async (fault) => {
    for (let at = 1; at < 40; at++) {
      const disk = createMemoryFileSystem();
      const first = (await open(disk)).own;
      await first.create(other('Before'), '');
      const plan = new FaultPlan(at, fault);
      const { own } = await open(withFaults(disk, plan));
      const acknowledged: string[] = ['Before'];
      const work = async (): Promise<void> => {
        for (const name of ['A', 'B'])
          await own.create(other(name), '').then(
            () => acknowledged.push(name),
            () => {},
          );
      };
      await Promise.race([work(), plan.killed]);
      for (const left of [disk.killProcess(), disk.cutPower(() => 0.5)]) {
        const after = (await open(left)).own;
        expect(names(after), `${fault} at ${at}`).toEqual(expect.arrayContaining(acknowledged));
        await after.create(other('After'), '');
      }
      if (plan.struck === null) return;
    }
    throw new Error('there were more steps');
  });
});

describe('the API', () => {
  it('makes, shows, changes and removes', async () => {
    const { own } = await open();
    const app = await openTestApp([ownRulesApi(own)]);
    const ask = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) => {
      const answer = await app.inject({
        method,
        url: `/api/v1/alerting/own-rules${path}`,
        headers: { host: 'localhost', ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { payload: JSON.stringify(body) }),
      });
      const json: unknown = answer.body === '' ? null : JSON.parse(answer.body);
      return { status: answer.statusCode, json };
    };
    const made = await ask('POST', '', { rule: { alert: 'Down', expr: 'up == 0' } });
    expect(made).toMatchObject({ status: 201, json: { rule: { alert: 'Down', for: '', labels: {} } } });
    const [rule] = own.list();
    expect((await ask('GET', '')).json).toMatchObject({ file: PATH, rules: [{ id: rule?.id }] });
    const change = { rule: { alert: 'Down', expr: 'up < 1' }, version: rule?.version };
    expect((await ask('PUT', `/${rule?.id}`, change)).status).toBe(200);
    expect((await ask('PUT', `/${rule?.id}`, change)).status).toBe(409);
    expect((await ask('POST', '', { rule: { alert: 'B', expr: '(' } })).status).toBe(400);
    expect((await ask('GET', `/${rule?.id}`)).json).toMatchObject({ rule: { expr: 'up < 1' } });
    expect((await ask('DELETE', `/${rule?.id}`)).status).toBe(204);
    expect((await ask('GET', `/${rule?.id}`)).status).toBe(404);
    await app.close();
  });
});
