import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EVERYTHING } from '../file/load.ts';
import { parseUnitTests, type UnitTest } from '../unit-test/file.ts';
import { runUnitTest } from '../unit-test/run.ts';
import { READY_ALERTS, READY_GROUPS, readyRuleGroups } from './registry.ts';

const HERE = import.meta.dirname;

/** The unit tests of a group, which lie beside it in promtool's format. */
function testsOf(name: string): { readonly tests: readonly UnitTest[]; readonly evaluationMs: number } {
  const path = join(HERE, `${name}.test.yml`);
  const parsed = parseUnitTests(path, readFileSync(path, 'utf8'));
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  return parsed.file;
}

describe('ready rules', () => {
  const groups = readyRuleGroups([], {});

  it.for(Object.keys(READY_GROUPS))('%s: fire when they should and not otherwise', async (name) => {
    const { tests, evaluationMs } = testsOf(name);
    const setting = {
      path: name,
      groups: groups.filter((group) => group.name === name),
      untested: new Set<string>(),
      evaluationMs,
      isFuzzy: true,
      parser: EVERYTHING,
    };
    for (const test of tests)
      expect((await runUnitTest(test, setting)).map((lines) => lines.join('\n'))).toEqual([]);
    const told = tests.flatMap(({ alerts }) => alerts);
    for (const { alert } of READY_GROUPS[name]?.alerts ?? []) {
      const own = told.filter(({ alertName }) => alertName === alert);
      expect([alert, own.some(({ expected }) => expected.length > 0)]).toEqual([alert, true]);
      expect([alert, own.some(({ expected }) => expected.length === 0)]).toEqual([alert, true]);
    }
  });

  it('have names of their own, and a page each', () => {
    expect(new Set(READY_ALERTS).size).toBe(READY_ALERTS.length);
    for (const { runbook } of Object.values(READY_GROUPS)) {
      expect(runbook.look.length).toBeGreaterThan(0);
      expect(runbook.act.length).toBeGreaterThan(0);
    }
    const tested = readdirSync(HERE).filter((file) => file.endsWith('.test.yml'));
    expect(tested.toSorted()).toEqual(
      Object.keys(READY_GROUPS)
        .map((name) => `${name}.test.yml`)
        .toSorted(),
    );
  });

  it('can be left out one by one, with their group when nothing is left of it', () => {
    const left = readyRuleGroups(['ServiceDown', 'ServiceUnhealthy', 'DiskFull'], {});
    expect(left.some(({ name }) => name === 'service-down')).toBe(false);
    expect(left.find(({ name }) => name === 'disk')?.rules.map(({ name }) => name)).toEqual(['DiskFullSoon']);
  });
});
