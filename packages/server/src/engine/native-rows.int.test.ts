import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nativeRows } from './native-rows.ts';
import { RowBinaryWriter } from './rowbinary.ts';
import { acrossTenants, sql, table } from './sql.ts';
import type { TableSpec } from './tables.ts';
import { openTestEngine, type TestEngine } from './testing/open.ts';
import {
  DAY_MS,
  SAMPLE_TIME,
  samplesBlock,
  samplesPayload,
  samplesTable,
  series,
} from './testing/samples.ts';
import { MAX_BLOCK_ROWS } from './types.ts';

const OPTIONS = { purpose: 'test.native', tenant: 'default' } as const;
const DAY = SAMPLE_TIME / DAY_MS;

/** Every type of fixed length; the same rows are stored in two tables, by columns and by rows. */
const columnsTable: TableSpec = {
  name: 'by_columns',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'u8', type: 'UInt8' },
    { name: 'i16', type: 'Int16' },
    { name: 'day', type: 'Date' },
    { name: 'f32', type: 'Float32' },
    { name: 'at', type: "DateTime64(6, 'UTC')" },
    { name: 'u64', type: 'UInt64' },
    { name: 'value', type: 'Float64' },
    { name: 'start', type: 'Int64', since: 2, default: '0' },
  ],
  orderBy: ['tenant', 'u64', 'at'],
  timeColumn: 'at',
  identity: ['tenant', 'u8', 'i16', 'day', 'f32', 'at', 'u64', 'value'],
  signal: 'metrics',
};
const rowsTable: TableSpec = { ...columnsTable, name: 'by_rows' };

const bits = fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff));
const row = fc.record({ fixed: fc.uint8Array({ minLength: 9, maxLength: 9 }), ms: fc.nat(DAY_MS - 1), bits });

function payloadOf(tenant: string, rows: readonly (typeof row extends fc.Arbitrary<infer T> ? T : never)[]) {
  const writer = new RowBinaryWriter();
  for (const {
    fixed,
    ms,
    bits: [low, high],
  } of rows) {
    writer.string(tenant);
    writer.fixed(fixed);
    writer.int64((SAMPLE_TIME + ms) * 1000);
    writer.uint64(low, high);
    writer.float64Bits(high, low);
    writer.int64(ms);
    writer.endRow();
  }
  return writer.take().payload;
}

let open: TestEngine;
beforeAll(async () => {
  open = await openTestEngine([columnsTable, rowsTable, samplesTable]);
});
afterAll(async () => {
  await open[Symbol.asyncDispose]();
});

test('rows taken as columns are stored bit for bit as rows read one by one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ minLength: 1, maxLength: 20 }),
      fc.array(fc.array(row, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 4 }),
      async (tenant, frames) => {
        const payload = frames.map((frame) => payloadOf(tenant, frame));
        const rows = frames.reduce((sum, frame) => sum + frame.length, 0);
        const block = { schemaVersion: 2, rows, day: DAY, payload };
        expect(nativeRows({ ...block, table: columnsTable, reconcile: false })?.tenant).toBe(tenant);
        await open.engine.insert({ ...block, table: columnsTable, reconcile: false }, OPTIONS);
        // A repeat is reconciled, which reads the rows as they are.
        await open.engine.insert({ ...block, table: rowsTable, reconcile: true }, OPTIONS);
      },
    ),
    { numRuns: 8 },
  );
  const stored = async (spec: TableSpec) => {
    const block = await open.engine.query(
      sql`SELECT DISTINCT toString(cityHash64(tenant, u8, i16, day, reinterpretAsUInt32(f32), at, u64, reinterpretAsUInt64(value), start)) AS hash FROM ${table(spec)} ORDER BY hash${acrossTenants}`,
      OPTIONS,
    );
    return block.strings('hash');
  };
  const found = await stored(columnsTable);
  expect(found.length).toBeGreaterThan(7);
  expect(found).toEqual(await stored(rowsTable));
});

test('the largest block of columns is one part', async () => {
  const payload = [samplesPayload(series(MAX_BLOCK_ROWS / 25, { id: 7 }))];
  const block = {
    ...samplesBlock([]),
    rows: MAX_BLOCK_ROWS,
    payload: Array.from({ length: 25 }, () => payload[0] ?? new Uint8Array()),
  };
  expect(nativeRows(block)).not.toBeNull();
  await open.engine.insert(block, OPTIONS);
  const parts = await open.engine.query(
    sql`SELECT rows FROM system.parts WHERE table = 'samples' AND active`,
    OPTIONS,
  );
  expect([...parts.numbers('rows')]).toEqual([MAX_BLOCK_ROWS]);
});

test('the whole day of a block fits, a tick before and after it does not', () => {
  const at = (ts: number) => nativeRows({ ...samplesBlock([{ ts: SAMPLE_TIME }, { ts }]), day: DAY });
  expect(at(SAMPLE_TIME + DAY_MS - 1)).not.toBeNull();
  expect(at(SAMPLE_TIME - 1)).toBeNull();
  expect(at(SAMPLE_TIME + DAY_MS)).toBeNull();
  const anyDay = (ts: number) => nativeRows(samplesBlock([{ ts }]));
  expect(anyDay(0)).not.toBeNull();
  expect(anyDay(-1)).toBeNull();
  expect(anyDay(Date.UTC(2106, 0, 1) - 1)).not.toBeNull();
  expect(anyDay(Date.UTC(2106, 0, 1))).toBeNull();
});

test('what is not in order is left to the engine: other tenants, other lengths, texts, half rows', () => {
  const payload = samplesPayload(series(3));
  expect(nativeRows(samplesBlock([{}, { tenant: 'another' }]))).toBeNull();
  expect(nativeRows(samplesBlock([{}, { tenant: 'defaulu' }]))).toBeNull();
  expect(nativeRows({ ...samplesBlock([]), rows: 2, payload: [payload] })).toBeNull();
  expect(
    nativeRows({ ...samplesBlock([]), rows: 3, payload: [payload.subarray(0, 40), payload.subarray(40)] }),
  ).toBeNull();
  expect(nativeRows({ ...samplesBlock([]), rows: 3, payload: [] })).toBeNull();
  expect(
    nativeRows({ ...samplesBlock([]), rows: 1, payload: [Uint8Array.of(1, 0xff, ...new Uint8Array(24))] }),
  ).toBeNull();
  const texts = { ...samplesTable, columns: [...samplesTable.columns, { name: 'text', type: 'String' }] };
  expect(nativeRows({ ...samplesBlock(series(3)), table: texts })).toBeNull();
});
