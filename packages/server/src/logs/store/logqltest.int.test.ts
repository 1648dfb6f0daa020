import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestEngine, type TestEngine } from '../../engine/testing/open.ts';
import { logsTables } from '../tables.ts';
import { logqltestOverStore } from '../testing/logqltest-store.ts';

const SCRIPTS = join(import.meta.dirname, '../../../../logql/src/testing/scripts');

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine(logsTables);
});
afterAll(() => engine.close());

// The reference's scripts take half a minute so: test/soak/logqltest.soak.ts.
it.each(readdirSync(SCRIPTS))('%s over the store answers as over memory', async (file) => {
  const text = readFileSync(join(SCRIPTS, file), 'utf8');
  const { compared, differences } = await logqltestOverStore(engine.engine, text);
  expect(differences).toEqual([]);
  expect(compared).toBeGreaterThan(0);
});
