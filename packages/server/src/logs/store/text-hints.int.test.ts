import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { join, type Sql, sql, type TableSpec, table, tenant as tenantHole } from '../../engine/index.ts';
import { openTestEngine, type TestEngine } from '../../engine/testing/open.ts';
import { logsTable } from '../tables.ts';
import { ChunkWriter } from './chunk.ts';
import { wordsOf } from './query.ts';
import { hasWords, textHints, wordHints } from './text-hints.ts';

/** Every line is a block of its own, which the indexes can tell apart from the others. */
const lineTable: TableSpec = { ...logsTable, settings: { ...logsTable.settings, index_granularity: 1 } };
const MS = 1_767_225_600_000;
const ZERO = { low: 0, high: 0 };

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine([lineTable]);
});
afterAll(() => engine.close());

async function store(tenant: string, lines: readonly Uint8Array[]): Promise<void> {
  const day = Math.floor(MS / 86_400_000);
  const writer = new ChunkWriter(tenant, day);
  const ids = { trace: '', span: '', request: '' };
  for (const [i, line] of lines.entries()) {
    const fields = { stream: ZERO, id: { low: i, high: 0 }, service: 's', level: 'info', ids, metadata: [] };
    writer.add({ time: { ms: MS, nanos: i }, ...fields }, line);
  }
  const { rows, payload } = writer.take();
  await engine.engine.insert(
    { table: lineTable, schemaVersion: 1, rows, day, payload: [payload], reconcile: false },
    { purpose: 'test' },
  );
}

async function found(tenant: string, conditions: readonly Sql[]): Promise<number[]> {
  const block = await engine.engine.query(
    sql`SELECT toUInt32(id) AS line FROM ${table(lineTable)} WHERE tenant = ${tenantHole} AND ${join(conditions, ' AND ')} ORDER BY line`,
    { purpose: 'test', tenant },
  );
  return block.rows === 0 ? [] : [...block.numbers('line')];
}

const alphabet = [
  'a',
  'B',
  'c',
  '0',
  '7',
  ' ',
  '_',
  '%',
  '\\',
  '"',
  "'",
  '.',
  'é',
  'Ü',
  '😀',
  '\ufffd',
  '\n',
  '\0',
];
const text = (maxLength: number) =>
  fc.array(fc.constantFrom(...alphabet), { minLength: 1, maxLength }).map((parts) => parts.join(''));
/** Bytes that begin, go on or end characters where they should not. */
const broken = fc.constantFrom(
  [0xe2],
  [0xf0, 0x9f],
  [0x80, 0x80],
  [0xc3],
  [0xff, 0xfe],
  [0xed, 0xa0, 0x80],
  [],
);
const line = fc
  .array(fc.tuple(text(9), broken), { minLength: 1, maxLength: 4 })
  .map((parts) => Buffer.concat(parts.flatMap(([good, bad]) => [Buffer.from(good), Buffer.from(bad)])));
/** Whole lines, parts of lines and whatever else. */
const search = fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 12 }), text(8), fc.boolean());

it('the indexes leave out no line that holds a text or its words', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 5, maxLength: 25 }),
      fc.array(search, { minLength: 8, maxLength: 8 }),
      async (lines, searches) => {
        const tenant = `t${run++}`;
        await store(tenant, lines);
        for (const [which, from, length, other, isOther] of searches) {
          const chars = Array.from(lines[which % lines.length]?.toString() ?? '');
          const at = from % chars.length;
          const needle = isOther ? other : chars.slice(at, at + length).join('');
          const exact = sql`position(message, ${needle}) > 0`;
          expect(await found(tenant, [exact, ...textHints(needle)])).toEqual(await found(tenant, [exact]));
          const words = wordsOf(needle);
          if (words.length === 0) continue;
          const tokens = sql`hasAllTokens(lower(message), ${words})`;
          expect(await found(tenant, [hasWords(words), ...wordHints(words)])).toEqual(
            await found(tenant, [tokens]),
          );
        }
      },
    ),
    { numRuns: 6 },
  );
});

it('a block without the text is not read', async () => {
  await store('read', [Buffer.from('order ord_8f3a2c91b4 placed'), Buffer.from('short EOF here')]);
  const read = async (hints: readonly Sql[]): Promise<number[]> => found('read', hints);
  expect(await read(textHints('8F3a2c'))).toEqual([0]);
  expect(await read(textHints(' eof '))).toEqual([1]);
  expect(await read(textHints('7f3a2c'))).toEqual([]);
});
