import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { runLogqltest } from './logqltest.ts';
import { countEvaluations } from './logqltest-script.ts';

describe('runLogqltest', () => {
  const script = `
# A comment, and one behind a line.
clear
load
  {a="1"} "x{{.i}}" @ 10s [repeat every 10s for 3]   # x0, x1, x2
  {a="2", b=""} \`x # no comment\` @ 10s [metadata m="v"]

eval instant at 30s count_over_time({a="1"}[30s])
  {a="1"} 3
# A comment inside a block.
  {a="9"} _
eval instant at 30s count_over_time({a="1"} |= "x1" [30s])
  {a="1"} 2

eval range from 10s to 30s step 10s count_over_time({a="1"}[10s])
  {a="1"} 1+0x2
eval instant at 30s count_over_time({a="2"}[30s])
  {a="2", m="v"} 1
eval instant at 30s count_over_time(
  expect fail msg: unexpected $end
eval instant at 30s 1
  1
`;

  it('tells passed and failed evaluations apart, with the line', async () => {
    const { passed, failed } = await runLogqltest(script);
    expect(passed).toBe(5);
    expect(failed).toEqual([
      {
        line: 12,
        query: 'count_over_time({a="1"} |= "x1" [30s])',
        reason: '{a="1"}: at step 0: got 1, expected 2',
      },
    ]);
    expect(countEvaluations(script)).toBe(6);
  });

  it('refuses a script it cannot read', async () => {
    for (const [bad, message] of [
      ['lode', /line 1: no command/],
      ['load\n  {a="1"} x @ 1s', /line 1: no entry/],
      ['load\n  {a="1"} "x" @ 1s [every 5s]', /line 1: no modifier/],
      ['eval instant at 1s x\n  {} y', /line 1: no value: "y"/],
    ] as const)
      await expect(runLogqltest(bad)).rejects.toThrow(message);
  });
});

/** Scripts of our own, for what the given ones leave out. */
const OWN = join(import.meta.dirname, 'scripts');

describe('own scripts', () => {
  it.each(readdirSync(OWN))('%s', async (file) => {
    const { passed, failed } = await runLogqltest(readFileSync(join(OWN, file), 'utf8'));
    expect(failed).toEqual([]);
    expect(passed).toBeGreaterThan(0);
  });
});

/** The reference's own scripts, when they lie beside the project; of others that may come the count is printed. */
const FOLDER = resolve(
  process.env['LOGQL_CONFORMANCE'] ?? join(process.cwd(), '..', 'shared', 'conformance', 'logql'),
);
const FLOORS: Readonly<Record<string, number>> = {
  'functions.logqltest': 31,
  'label_filters.logqltest': 286,
  'line_filters.logqltest': 56,
  'parsers.logqltest': 53,
  'range_aggregations.logqltest': 241,
};

const present = existsSync(FOLDER);
// oxlint-disable-next-line no-console -- the count line and the reason of a skip are this test's output
const print = console.log;
if (!present) print(`logqltest skipped: no conformance scripts at ${FOLDER}`);

describe.runIf(present)('conformance scripts', () => {
  it('pass at least as often as they ever did', async () => {
    let passed = 0;
    let total = 0;
    for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.logqltest'))) {
      const result = await runLogqltest(readFileSync(join(FOLDER, file), 'utf8'));
      passed += result.passed;
      total += result.passed + result.failed.length;
      expect(result.passed, `${file}: ${JSON.stringify(result.failed, null, 1)}`).toBeGreaterThanOrEqual(
        FLOORS[file] ?? 0,
      );
    }
    print(`logqltest ${passed}/${total}`);
  });
});
