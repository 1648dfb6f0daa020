import fc from 'fast-check';
import { expect, test } from 'vitest';
import { engineErrors } from './errors.ts';
import { nativeRows } from './native-rows.ts';
import {
  isPacked,
  nativePacked,
  PackedWriter,
  packed,
  packedRows,
  rowVersion,
  unpacked,
} from './packed-rows.ts';
import type { TableSpec } from './tables.ts';
import { DAY_MS, SAMPLE_TIME, samplesPayload, samplesTable } from './testing/samples.ts';
import type { InsertBlock } from './types.ts';

const DAY = SAMPLE_TIME / DAY_MS;
const PACKED_ONE = packed(1);

interface Row {
  readonly id: number;
  readonly ms: number;
  readonly bits: bigint;
}

const rowsOf = fc.array(
  fc.record({ id: fc.nat(), ms: fc.nat(DAY_MS - 1), bits: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
  { minLength: 1, maxLength: 40 },
);
const tenants = fc.string({ minLength: 1, maxLength: 50, unit: 'grapheme' });

const lowWord = (value: bigint): number => Number(value & 0xffff_ffffn);
const highWord = (value: bigint): number => Number(value >> 32n);

/** A tenant as rows begin with it. */
function prefixOf(tenant: string): Uint8Array {
  const text = Buffer.from(tenant);
  const length = text.length < 128 ? [text.length] : [(text.length & 0x7f) | 0x80, text.length >> 7];
  return Buffer.concat([Uint8Array.from(length), text]);
}

/** The rows packed; their time once where `time` is given. */
function pack(tenant: string, rows: readonly Row[], time?: number): Uint8Array {
  const words = rows.length * 4 + (time === undefined ? rows.length * 2 : 2);
  const writer = new PackedWriter(
    prefixOf(tenant),
    rows.length,
    { columns: 3, columnWords: words },
    (bytes) => new Uint8Array(bytes).fill(0xee),
  );
  const put = (start: number, values: readonly bigint[]): void => {
    for (const [i, value] of values.entries())
      writer.words.set([lowWord(value), highWord(value)], start + i * 2);
  };
  put(
    writer.each(2),
    rows.map(({ id }) => BigInt(id)),
  );
  if (time === undefined)
    put(
      writer.each(2),
      rows.map(({ ms }) => BigInt(SAMPLE_TIME + ms)),
    );
  else writer.one(lowWord(BigInt(SAMPLE_TIME + time)), highWord(BigInt(SAMPLE_TIME + time)));
  put(
    writer.each(2),
    rows.map(({ bits }) => bits),
  );
  return writer.payload;
}

function plain(tenant: string, rows: readonly Row[], time?: number): Uint8Array {
  return samplesPayload(
    rows.map(({ id, ms, bits }) => ({ tenant, id, bits, ts: SAMPLE_TIME + (time ?? ms) })),
  );
}

const parts = fc.array(fc.tuple(rowsOf, fc.option(fc.nat(DAY_MS - 1), { nil: undefined })), {
  minLength: 1,
  maxLength: 4,
});

function blockOf(
  payload: readonly Uint8Array[],
  rows: number,
  schemaVersion: number,
  table: TableSpec = samplesTable,
): InsertBlock {
  return { table, schemaVersion, rows, day: DAY, payload, reconcile: false };
}

test('packed rows are the rows: the same as RowBinary, and the same columns', () => {
  fc.assert(
    fc.property(tenants, parts, (tenant, frames) => {
      const rows = frames.reduce((sum, [part]) => sum + part.length, 0);
      const block = blockOf(
        frames.map(([part, time]) => pack(tenant, part, time)),
        rows,
        PACKED_ONE,
      );
      const expected = frames.map(([part, time]) => plain(tenant, part, time));
      const found = unpacked(block);
      expect(found.schemaVersion).toBe(1);
      expect(found.payload.map((bytes) => Buffer.from(bytes))).toEqual(expected.map((b) => Buffer.from(b)));
      const native = nativePacked(block);
      const same = nativeRows(blockOf(expected, rows, 1));
      expect(native?.tenant).toBe(tenant);
      expect(Buffer.compare(native?.bytes ?? new Uint8Array(), same?.bytes ?? new Uint8Array())).toBe(0);
      expect(native?.columns).toEqual(same?.columns);
    }),
  );
});

test('a tenant of 128 bytes and more is told too', () => {
  const tenant = 't'.repeat(200);
  const rows = [{ id: 1, ms: 5, bits: 7n }];
  const block = blockOf([pack(tenant, rows)], 1, PACKED_ONE);
  expect(nativePacked(block)?.tenant).toBe(tenant);
  expect(unpacked(block).payload.map((bytes) => Buffer.from(bytes))).toEqual([
    Buffer.from(plain(tenant, rows)),
  ]);
});

test('several tenants, times of another day and other numbers of rows are not for one block of columns', () => {
  const rows = [{ id: 1, ms: 5, bits: 7n }];
  const [one, other] = [pack('a', rows), pack('b', rows)];
  expect(nativePacked(blockOf([one, other], 2, PACKED_ONE))).toBeNull();
  expect(unpacked(blockOf([one, other], 2, PACKED_ONE)).payload).toHaveLength(2);
  expect(nativePacked(blockOf([pack('a', rows, DAY_MS)], 1, PACKED_ONE))).toBeNull();
  expect(nativePacked(blockOf([pack('a', rows, -1)], 1, PACKED_ONE))).toBeNull();
  expect(nativePacked(blockOf([one], 2, PACKED_ONE))).toBeNull();
  expect(() => unpacked(blockOf([one], 2, PACKED_ONE))).toThrow(/packed rows are not whole/);
});

test('no bytes stop the reader: they are whole rows, or refused', () => {
  const good = pack('tenant', [
    { id: 1, ms: 5, bits: 7n },
    { id: 2, ms: 6, bits: 8n },
  ]);
  const broken = fc.oneof(
    fc.uint8Array({ maxLength: 120 }),
    fc.nat(good.length - 1).map((length) => good.subarray(0, length)),
    fc
      .tuple(fc.nat(good.length - 1), fc.nat(255))
      .map(([at, byte]) => Uint8Array.from(good).fill(byte, at, at + 1)),
  );
  fc.assert(
    fc.property(broken, (bytes) => {
      const read = packedRows(bytes, samplesTable, PACKED_ONE);
      const block = blockOf([bytes], 2, PACKED_ONE);
      const native = nativePacked(block);
      if (read === null || read.rows !== 2) {
        expect(native).toBeNull();
        let problem: unknown;
        try {
          unpacked(block);
        } catch (error) {
          problem = error;
        }
        expect(engineErrors.is(problem, 'refused')).toBe(true);
      } else expect(unpacked(block).payload).toHaveLength(1);
    }),
  );
});

test('the schema version says whether rows are packed', () => {
  expect([isPacked(3), isPacked(packed(3)), rowVersion(3), rowVersion(packed(3))]).toEqual([
    false,
    true,
    3,
    3,
  ]);
  const texts = { ...samplesTable, columns: [...samplesTable.columns, { name: 'text', type: 'String' }] };
  expect(packedRows(new Uint8Array(40), texts, PACKED_ONE)).toBeNull();
});
