import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { expect, it } from 'vitest';
import { openTestEngine } from '../../packages/server/src/engine/testing/open.ts';
import { logsTables } from '../../packages/server/src/logs/tables.ts';
import { logqltestOverStore } from '../../packages/server/src/logs/testing/logqltest-store.ts';

/** The reference's own scripts, when they lie beside the project. */
const FOLDER = resolve(
  process.env['LOGQL_CONFORMANCE'] ?? join(process.cwd(), '..', 'shared', 'conformance', 'logql'),
);

it.runIf(existsSync(FOLDER))(
  'logqltest scripts over the store, most lines in the engine and some in memory, answer as over memory',
  async () => {
    await using engine = await openTestEngine(logsTables);
    let total = 0;
    for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.logqltest'))) {
      const { compared, differences } = await logqltestOverStore(
        engine.engine,
        readFileSync(join(FOLDER, file), 'utf8'),
      );
      expect(differences, file).toEqual([]);
      total += compared;
    }
    // oxlint-disable-next-line no-console -- what was compared is this test's output
    console.log(`logqltest over the store: ${total} evaluations as over memory`);
    expect(total).toBeGreaterThan(0);
  },
  900_000,
);
