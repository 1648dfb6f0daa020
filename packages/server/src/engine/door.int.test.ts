import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PharosError } from '../kernel/errors.ts';
import { createSupervised } from './create.ts';
import { engineError } from './errors.ts';
import { sql, table, tenant } from './sql.ts';
import { testOptions } from './testing/open.ts';
import { DAY_MS, SAMPLE_TIME, samplesBlock, samplesTable, series } from './testing/samples.ts';

const OPTIONS = { purpose: 'test.door', tenant: 'default' } as const;
const CORRUPT = engineError(40, 'Checksum does not match');

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'pharos-engine-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A repeat of rows that a part does not let be compared with, where the look through the parts fails too. */
async function repeated(look: PharosError) {
  const { engine, host } = createSupervised(testOptions(directory, [samplesTable]));
  await engine.start();
  try {
    const block = samplesBlock(series(10, { id: 1 }), { day: SAMPLE_TIME / DAY_MS });
    await engine.insert(block, OPTIONS);
    const run = host.run.bind(host);
    let compared = 0;
    const spy = vi.spyOn(host, 'run').mockImplementation((statement) => {
      if (statement.text.includes('max(ignore(')) return Promise.reject(look);
      if (!/\bINSERT INTO\b/.test(statement.text)) return run(statement);
      compared++;
      return Promise.reject(CORRUPT);
    });
    const repeat = { ...block, reconcile: true };
    const failed: unknown = await engine.insert(repeat, OPTIONS).catch((error: unknown) => error);
    spy.mockRestore();
    expect(compared).toBe(1);
    expect(await engine.detachedParts()).toBe(0);
    // What was held for the insert is there for the next one.
    await engine.insert(repeat, OPTIONS);
    const rows = await engine.query(
      sql`SELECT count() AS rows FROM ${table(samplesTable)} WHERE tenant = ${tenant}`,
      OPTIONS,
    );
    expect(rows.numbers('rows')[0]).toBe(10);
    return failed;
  } finally {
    await engine.stop();
  }
}

test('parts too large to look through stay, and the rows that cannot be compared are bad for good', async () => {
  expect(await repeated(engineError(241, 'Query memory limit exceeded: would use 2 GiB'))).toBe(CORRUPT);
});

test('a busy engine looks through its parts later: nothing is said of the rows', async () => {
  const busy = engineError(241, '(total) memory limit exceeded: would use 2 GiB');
  expect(await repeated(busy)).toBe(busy);
});
