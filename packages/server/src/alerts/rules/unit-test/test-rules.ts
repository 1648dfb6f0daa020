import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import type { RuleGroup } from '../definition.ts';
import { EVERYTHING, loadRules } from '../file/load.ts';
import { parseUnitTests } from './file.ts';
import { runUnitTest, type UnitTestFailure } from './run.ts';

/** What came of a file of unit tests. */
export interface RuleTestReport {
  /** Empty where everything is as expected. */
  readonly failures: readonly UnitTestFailure[];
  readonly warnings: readonly string[];
}

/** Runs the unit tests of a file in promtool's format, with all of PromQL allowed. */
export async function testRules(path: string): Promise<RuleTestReport> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    return { failures: [[error instanceof Error ? error.message : String(error)]], warnings: [] };
  }
  const parsed = parseUnitTests(path, text);
  if (!parsed.ok) return { failures: parsed.problems.map((line) => [line]), warnings: [] };
  const { ruleFiles, order, tests, evaluationMs, isFuzzy } = parsed.file;
  const patterns = ruleFiles.map((file) => (isAbsolute(file) ? file : join(dirname(path), file)));
  const loaded = await loadRules({ promql: patterns }, EVERYTHING, () => Promise.resolve());
  if (!loaded.ok) return { failures: loaded.problems.map((line) => [line]), warnings: [] };
  const groups = inOrder(
    loaded.groups.filter(({ language }) => language === 'promql'),
    order,
  );
  const overLines = loaded.groups.filter(({ language }) => language === 'logql');
  const untested = new Set(overLines.flatMap(({ rules }) => rules.map(({ name }) => name)));
  const setting = { path, groups, untested, evaluationMs, isFuzzy, parser: EVERYTHING };
  const failures: UnitTestFailure[] = [];
  for (const test of tests) failures.push(...(await runUnitTest(test, setting)));
  const warnings = [
    ...loaded.unmatched.map((pattern) => `no file is named by ${pattern}`),
    ...overLines.map(
      ({ file, name }) => `${file}: group "${name}" is left out: it is LogQL, and a test has no log lines`,
    ),
  ];
  return { failures, warnings };
}

/** Groups that the order does not name stand with its first, as in promtool; otherwise as in the files. */
function inOrder(groups: readonly RuleGroup[], order: ReadonlyMap<string, number>): readonly RuleGroup[] {
  const place = ({ name }: RuleGroup): number => order.get(name) ?? 0;
  return [...groups].sort((a, b) => place(a) - place(b));
}
