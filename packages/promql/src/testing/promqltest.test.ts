import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { runPromqltest } from './promqltest.ts';

describe('runPromqltest', () => {
  it('tells passed and failed evaluations apart, with the line', async () => {
    const result = await runPromqltest(`
load 1m
  a{x="1"} 0+10x10
  a{x="2"} 5 _ stale

eval instant at 5m a
  a{x="1"} 50

eval instant at 5m sum(a)
  {} 51

eval instant at 5m a +
  expect fail msg: unexpected end of input

eval range from 0 to 2m step 1m a{x="2"}
  a{x="2"} 5 5 _
`);
    expect(result.passed).toBe(3);
    expect(result.failed).toMatchObject([{ line: 9, query: 'sum(a)', reason: '{}: got 50, expected 51' }]);
  });

  it('refuses a script it cannot read', async () => {
    await expect(runPromqltest('lode 5m\n  a 1')).rejects.toThrow(/line 1: no command/);
    await expect(runPromqltest('load 5m\n  a 1x')).rejects.toThrow(/line 1: no value: "1x"/);
  });
});

/** Scripts of our own, for what the given ones leave out. */
const OWN = join(import.meta.dirname, 'scripts');

describe('own scripts', () => {
  it.each(readdirSync(OWN))('%s', async (file) => {
    const { passed, failed } = await runPromqltest(readFileSync(join(OWN, file), 'utf8'));
    expect(failed).toEqual([]);
    expect(passed).toBeGreaterThan(0);
  });
});

/**
 * The reference's own scripts, when they lie beside the project: all of the known files pass, and of others that may come
 * nothing is lost unseen, since the count is printed.
 */
const FOLDER = resolve(
  process.env['PROMQL_CONFORMANCE'] ?? join(process.cwd(), '..', 'shared', 'conformance', 'promql'),
);
const FLOORS: Readonly<Record<string, number>> = {
  'aggregators.test': 160,
  'duration_expression.test': 59,
  'extended_vectors.test': 169,
  'fill-modifier.test': 46,
  'functions.test': 431,
  'literals.test': 25,
  'native_histograms.test': 522,
  'operators.test': 214,
  'range_queries.test': 18,
  'start_timestamps.test': 26,
  'subquery.test': 34,
  'trig_functions.test': 19,
  'type_and_unit.test': 58,
};

const present = existsSync(FOLDER);
// oxlint-disable-next-line no-console -- the count line and the reason of a skip are this test's output
const print = console.log;
if (!present) print(`promqltest skipped: no conformance scripts at ${FOLDER}`);

describe.runIf(present)('conformance scripts', () => {
  it('pass at least as often as they ever did', async () => {
    let passed = 0;
    let total = 0;
    for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.test'))) {
      const result = await runPromqltest(readFileSync(join(FOLDER, file), 'utf8'));
      passed += result.passed;
      total += result.passed + result.failed.length;
      expect(result.passed, `${file}: ${JSON.stringify(result.failed, null, 1)}`).toBeGreaterThanOrEqual(
        FLOORS[file] ?? 0,
      );
    }
    print(`promqltest ${passed}/${total}`);
  });
});
