import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { join, type Sql, sql, table, tenant as tenantHole } from '../../engine/index.ts';
import { openTestEngine, type TestEngine } from '../../engine/testing/open.ts';
import { logGramsTable, logsTable } from '../tables.ts';
import { ChunkWriter } from './chunk.ts';
import { textPlaces, wordPlaces } from './grams.ts';
import { hasWords } from './line-conditions.ts';
import { wordsOf } from './query.ts';
import { joined, timesOfTexts } from './text-windows.ts';

const MS = 1_767_225_600_000;
const START = BigInt(MS) * 1_000_000n;
const MINUTE = 60_000;
const WINDOW = { from: START, to: START + 86_400_000_000_000n };
const ZERO = { low: 0, high: 0 };

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine([logsTable, logGramsTable]);
});
afterAll(() => engine.close());

/** Each line two minutes after the one before, and so in a set of its own. */
async function store(tenant: string, lines: readonly Uint8Array[]): Promise<void> {
  const day = Math.floor(MS / 86_400_000);
  const writer = new ChunkWriter(tenant, day);
  const ids = { trace: '', span: '', request: '' };
  for (const [i, line] of lines.entries()) {
    const fields = { stream: ZERO, id: { low: i, high: 0 }, service: 's', level: 'info', ids, metadata: [] };
    writer.add({ time: { ms: MS + 2 * i * MINUTE, nanos: i }, ...fields }, line);
  }
  const { rows, payload } = writer.take();
  await engine.engine.insert(
    { table: logsTable, schemaVersion: 1, rows, day, payload: [payload], reconcile: false },
    { purpose: 'test' },
  );
}

async function found(tenant: string, conditions: readonly Sql[]): Promise<number[]> {
  const block = await engine.engine.query(
    sql`SELECT toUInt32(id) AS line FROM ${table(logsTable)} WHERE tenant = ${tenantHole} AND ${join(conditions, ' AND ')} ORDER BY line`,
    { purpose: 'test', tenant },
  );
  return block.rows === 0 ? [] : [...block.numbers('line')];
}

const times = (tenant: string, places: readonly number[], window = WINDOW): Promise<readonly Sql[]> =>
  timesOfTexts(engine.engine, { tenant, window, places });

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
const line = fc.array(text(9), { minLength: 1, maxLength: 4 }).map((parts) => Buffer.from(parts.join('')));
/** Whole lines, parts of lines and whatever else. */
const search = fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 12 }), text(8), fc.boolean());

it('no line that holds a text or its words is left out', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 5, maxLength: 25 }),
      fc.array(search, { minLength: 6, maxLength: 6 }),
      async (lines, searches) => {
        const tenant = `t${run++}`;
        await store(tenant, lines);
        for (const [which, from, length, other, isOther] of searches) {
          const chars = Array.from(lines[which % lines.length]?.toString() ?? '');
          const at = from % chars.length;
          const needle = isOther ? other : chars.slice(at, at + length).join('');
          const exact = sql`position(message, ${needle}) > 0`;
          expect(await found(tenant, [exact, ...(await times(tenant, textPlaces(needle)))])).toEqual(
            await found(tenant, [exact]),
          );
          const words = wordsOf(needle);
          if (words.length === 0) continue;
          const tokens = sql`hasAllTokens(lower(message), ${words})`;
          expect(
            await found(tenant, [hasWords(words), ...(await times(tenant, words.flatMap(wordPlaces)))]),
          ).toEqual(await found(tenant, [tokens]));
        }
      },
    ),
    { numRuns: 4 },
  );
});

it('leaves out what holds no such text, within the window asked for and its day', async () => {
  await store('read', [
    Buffer.from('order ord_8f3a2c91b4 placed'),
    Buffer.from('short EOF here'),
    Buffer.from('order ord_8f3a2c91b4 sent'),
  ]);
  const lines = async (places: readonly number[], window = WINDOW) =>
    found('read', [sql`1 = 1`, ...(await times('read', places, window))]);
  expect(await lines(textPlaces('8F3a2c'))).toEqual([0, 2]);
  expect(await lines(textPlaces(' eof '))).toEqual([1]);
  expect(await lines(textPlaces('7f3a2c'))).toEqual([]);
  expect(await lines([])).toEqual([0, 1, 2]);
  expect(await lines(textPlaces('8f3a2c'), { from: START + 1n, to: WINDOW.to })).toEqual([2]);
  expect(await lines(textPlaces('8f3a2c'), { from: START, to: START + 1n })).toEqual([0]);
  expect(await lines(textPlaces('8f3a2c'), { from: WINDOW.to, to: WINDOW.to + 5n })).toEqual([]);
  expect(await times('nobody', textPlaces('8f3a2c'))).toHaveLength(1);
});

it('lines that were stored before there were sets are read as they are', async () => {
  const { index: _index, retired, ...rest } = logsTable;
  const older = { ...rest, retired: (retired ?? []).filter(({ since }) => since < 5) };
  await engine.close();
  engine = await openTestEngine([older]);
  const { directory } = engine;
  const day = Math.floor(MS / 86_400_000);
  const insert = async (table: typeof logsTable, at: number, message: string, ms = 0): Promise<void> => {
    const writer = new ChunkWriter('old', day + at);
    const ids = { trace: '', span: '', request: '' };
    const fields = { stream: ZERO, id: { low: at, high: 0 }, service: 's', level: 'info', ids, metadata: [] };
    writer.add({ time: { ms: MS + at * 86_400_000 + ms, nanos: 7 }, ...fields }, Buffer.from(message));
    const { rows, payload } = writer.take();
    await engine.engine.insert(
      { table, schemaVersion: 1, rows, day: day + at, payload: [payload], reconcile: false },
      { purpose: 'test' },
    );
  };
  await insert(older, 0, 'order ord_8f3a2c91b4 placed');
  await insert(older, 1, 'order ord_8f3a2c91b4 sent');
  await engine.engine.stop();
  const newer = await openTestEngine([logsTable, logGramsTable], { directory });
  try {
    engine = { ...engine, engine: newer.engine };
    await insert(logsTable, 1, 'mail left', 5);
    const all = { from: START, to: START + 2n * 86_400_000_000_000n };
    expect(await found('old', [sql`1 = 1`, ...(await times('old', textPlaces('8f3a2c'), all))])).toEqual([
      0, 1,
    ]);
  } finally {
    await newer.close();
  }
});

it('windows become few by joining those that lie closest', () => {
  const at = (from: number, to: number) => ({ from: BigInt(from), to: BigInt(to) });
  expect(joined([at(5, 7), at(1, 3), at(2, 4), at(7, 9)])).toEqual([at(1, 4), at(5, 9)]);
  const many = Array.from({ length: 200 }, (_, i) =>
    at(i * 10 + (i > 100 ? 1000 : 0), i * 10 + (i > 100 ? 1000 : 0) + 5),
  );
  const few = joined(many);
  expect(few).toHaveLength(64);
  expect(few.some(({ from, to }) => from <= 1005n && to > 2010n)).toBe(false);
  for (const { from, to } of many) expect(few.some((one) => one.from <= from && one.to >= to)).toBe(true);
});
