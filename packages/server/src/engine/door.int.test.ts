import { expect, test } from 'vitest';
import { RowBinaryWriter } from './rowbinary.ts';
import { sql, table, tenant } from './sql.ts';
import type { TableSpec } from './tables.ts';
import { openTestEngine } from './testing/open.ts';

const samples: TableSpec = {
  name: 'samples',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'id', type: 'UInt64' },
    { name: 'ts', type: "DateTime64(3, 'UTC')", codec: 'Delta(8), ZSTD(3)' },
    { name: 'value', type: 'Float64' },
  ],
  orderBy: ['tenant', 'id', 'ts'],
  timeColumn: 'ts',
  identity: ['tenant', 'id', 'ts', 'value'],
  signal: 'metrics',
};

test('a block goes in once and comes back as columns', async () => {
  await using open = await openTestEngine([samples]);
  const { engine } = open;
  const w = new RowBinaryWriter();
  for (let i = 0; i < 1000; i++) {
    w.string('default');
    w.uint64(i % 10, 0);
    w.dateTime64(1_700_000_000_000 + i * 1000);
    if (i % 100 === 0) w.float64Bits(2, 0x7ff00000);
    else w.float64(i);
    w.endRow();
  }
  const { rows, payload } = w.take();
  const block = { table: samples, schemaVersion: 1, rows, payload: [payload], reconcile: false };
  await engine.insert(block, { purpose: 'test.insert' });
  await engine.insert({ ...block, reconcile: true }, { purpose: 'test.insert' });
  const answer = await engine.query(
    sql`SELECT id, groupArray(ts) AS t, groupArray(value) AS v FROM ${table(samples)} WHERE tenant = ${tenant} GROUP BY id ORDER BY id`,
    { purpose: 'test.q', tenant: 'default' },
  );
  expect(answer.rows).toBe(10);
  const v = answer.array('v').items;
  expect(v.kind).toBe('float64');
  if (v.kind !== 'float64') return;
  expect(v.data.length).toBe(1000);
  expect(new BigUint64Array(v.data.buffer)[0]).toBe(0x7ff0000000000002n);
});
