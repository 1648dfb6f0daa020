import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createEmbeddedEngine } from './create.ts';
import { sql } from './sql.ts';
import { testOptions } from './testing/open.ts';

test('answers from a process of its own', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pharos-engine-'));
  const engine = createEmbeddedEngine(testOptions(directory, []));
  let t = performance.now();
  const lap = (what: string) => {
    const n = performance.now();
    process.stdout.write(`${what} ${(n - t).toFixed(1)}\n`);
    t = n;
  };
  await engine.start();
  lap('start');
  for (let i = 0; i < 5; i++) {
    const block = await engine.query(sql`SELECT ${i} AS x`, { purpose: 'test', tenant: 'default' });
    expect([...block.numbers('x')]).toEqual([i]);
    lap('query');
  }
  const big = await engine.query(sql`SELECT number AS x FROM numbers(2000000)`, {
    purpose: 'test',
    tenant: 'default',
  });
  lap('16MB');
  expect(big.rows).toBe(2000000);
  await engine.stop();
  lap('stop');
});
