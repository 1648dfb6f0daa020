import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { engineErrors } from './errors.ts';
import { sql, table, tenant } from './sql.ts';
import type { TableSpec } from './tables.ts';
import { openTestEngine } from './testing/open.ts';
import { samplesBlock, samplesTable, series } from './testing/samples.ts';

const OPTIONS = { purpose: 'test.migrate', tenant: 'default' } as const;

const second: TableSpec = {
  ...samplesTable,
  columns: [
    ...samplesTable.columns,
    { name: 'start', type: "DateTime64(3, 'UTC')", since: 2, default: 'ts' },
  ],
  indexes: ['starts start TYPE minmax'],
};
const third: TableSpec = {
  ...second,
  columns: [...second.columns, { name: 'kind', type: 'UInt8', since: 3, default: '9' }],
};

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pharos-engine-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

test.each([[[samplesTable, second, third]], [[samplesTable, third]]])(
  'every older directory opens: its rows stay, and take the defaults',
  async (history) => {
    for (const [i, spec] of history.entries()) {
      await using open = await openTestEngine([spec], { directory });
      // An older writer's frames may still be in the journal: they go in with their own columns.
      await open.engine.insert(samplesBlock(series(5, { id: i }), { table: spec }), OPTIONS);
    }
    await using open = await openTestEngine([third], { directory });
    const rows = await open.engine.query(
      sql`SELECT toUnixTimestamp64Milli(ts) = toUnixTimestamp64Milli(start) AS same, kind FROM ${table(third)} WHERE tenant = ${tenant}`,
      OPTIONS,
    );
    expect(rows.rows).toBe(5 * history.length);
    expect(new Set(rows.numbers('same'))).toEqual(new Set([1]));
    expect(new Set(rows.numbers('kind'))).toEqual(new Set([9]));
  },
);

test('an index is replaced: rows from before and after are found alike', async () => {
  const old: TableSpec = { ...samplesTable, indexes: ['old id TYPE set(0)'] };
  const fresh: TableSpec = {
    ...samplesTable,
    indexes: ['fresh id TYPE bloom_filter(0.01)'],
    retired: [{ name: 'old', since: 2 }],
  };
  await using first = await openTestEngine([old], { directory });
  await first.engine.insert(samplesBlock(series(5, { id: 7 }), { table: old }), OPTIONS);
  await first.close();
  await using open = await openTestEngine([fresh], { directory });
  await open.engine.insert(samplesBlock(series(3, { id: 8 }), { table: fresh }), OPTIONS);
  const indexes = await open.engine.query(
    sql`SELECT name FROM system.data_skipping_indices WHERE table = ${samplesTable.name}`,
    OPTIONS,
  );
  expect(indexes.strings('name')).toEqual(['fresh']);
  for (const [id, rows] of [[7n, 5] as const, [8n, 3] as const]) {
    const block = await open.engine.query(
      sql`SELECT id FROM ${table(fresh)} WHERE tenant = ${tenant} AND id = ${id}`,
      OPTIONS,
    );
    expect(block.rows).toBe(rows);
  }
});

test('new tables come to an old directory', async () => {
  await (await openTestEngine([samplesTable], { directory })).close();
  const [other, another] = ['other', 'another'].map((name): TableSpec => ({ ...samplesTable, name }));
  if (other === undefined || another === undefined) throw new Error('two tables');
  await using open = await openTestEngine([samplesTable, other, another], { directory });
  await open.engine.insert(samplesBlock(series(1), { table: other }), OPTIONS);
  await open.engine.insert(samplesBlock(series(1), { table: another }), OPTIONS);
  // That tables came is written down in one insert at each start, which is one fsync.
  const inserts = await open.engine.query(
    sql`SELECT sum(rows) AS versions, max(max_block_number) AS inserts FROM system.parts WHERE table = 'schema_versions' AND active`,
    OPTIONS,
  );
  expect([inserts.numbers('versions')[0], inserts.numbers('inserts')[0]]).toEqual([4, 2]);
});

test('a directory of a newer Pharos is refused by name and version, and left as it is', async () => {
  await (await openTestEngine([third], { directory })).close();
  const error: unknown = await openTestEngine([samplesTable], { directory }).catch(
    (reason: unknown) => reason,
  );
  expect(engineErrors.is(error, 'newerData') && error.message).toBe(
    'table samples has version 3; this Pharos knows up to 1: a newer one wrote it',
  );
  await using open = await openTestEngine([third], { directory });
  expect(open.engine.state()).toBe('ready');
});
